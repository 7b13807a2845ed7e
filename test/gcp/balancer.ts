import type { Site } from './site.ts'
import type { Json } from './wire/project.ts'

interface ServiceSettings {
  readonly scope?: string
  readonly groups?: readonly string[]
  readonly scheme?: string
  readonly affinity?: string
}

/** A backend service as its owner would make it. */
export function addService({ project }: Site, name: string, settings: ServiceSettings = {}): void {
  const { scope = 'global', groups = [], scheme = 'EXTERNAL_MANAGED', affinity = 'NONE' } = settings
  const path = `${scope}/backendServices/${name}`
  project.services.set(path, { name, path, scheme, affinity, backends: new Map(groups.map((one) => [one, 1])) })
}

/** The URL map `web`. */
export function addUrlMap({ project }: Site, map: Json, scope = 'global'): void {
  project.urlMaps.set(`${scope}/urlMaps/web`, { kind: 'compute#urlMap', name: 'web', ...map })
}
