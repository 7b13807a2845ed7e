import type { Site } from './site.ts'
import { converge } from './wire/converge.ts'
import { urlOf, zoneName, type GroupRecord, type ImageRecord, type Json, type VersionRecord } from './wire/project.ts'

export const [ZONE, REGION] = ['europe-west1-a', 'europe-west1']

export interface FleetSettings {
  readonly name?: string
  /** A zone, or a region for a group that is spread over its zones. */
  readonly location?: string
  readonly size?: number
  /** Bounds of an autoscaler. @default - it has none */
  readonly scaled?: { readonly min: number; readonly max: number; readonly recommended?: number }
  readonly healthChecked?: boolean
  readonly paginated?: boolean
  /** What it launches. @default - `web-1` alone */
  readonly versions?: readonly VersionRecord[]
}

/** The image that fleets run, and another one. */
export interface Images {
  readonly old: ImageRecord
  readonly new: ImageRecord
}

/** Two images, each with a template. Their numbers may be given. */
export function setUpImages(
  site: Site,
  { old = site.project.newId(), new: next = site.project.newId() }: { readonly old?: string; readonly new?: string } = {},
): Images {
  const images = {
    old: site.publish('web-2026-01', undefined, { id: old, family: 'web' }),
    new: site.publish('web-2026-02', undefined, { id: next, family: 'web', createdAt: site.world.now + 1 }),
  }
  addTemplate(site, 'web-1', 'web-2026-01')
  addTemplate(site, 'web-2', 'web-2026-02')
  return images
}

/** A template that boots from an image, by its name, its path or its family. */
export function addTemplate({ project }: Site, name: string, image: string, more: Json = {}): string {
  const path = `global/instanceTemplates/${name}`
  const sourceImage = image.includes('/') ? image : urlOf(project, `global/images/${image}`)
  const initializeParams = { sourceImage, diskSizeGb: '10', diskType: 'pd-balanced' }
  const properties = {
    machineType: 'e2-small',
    disks: [{ boot: true, autoDelete: true, type: 'PERSISTENT', mode: 'READ_WRITE', deviceName: 'boot', initializeParams }],
    networkInterfaces: [{ name: 'nic0', network: urlOf(project, 'global/networks/default') }],
    ...more,
  }
  project.templates.set(path, { id: project.newId(), path, name, createdAt: project.world.now, properties })
  return path
}

/** A managed instance group as its owner would make it, an hour later when all that can be well is. */
export function addGroup(site: Site, settings: FleetSettings = {}): GroupRecord {
  const { project, world } = site
  const { name = 'web', location = ZONE, size = 3, healthChecked = true, paginated = false } = settings
  const isZone = location !== project.region
  const path = `${isZone ? 'zones' : 'regions'}/${location}/instanceGroupManagers/${name}`
  const group: GroupRecord = {
    id: project.newId(),
    name,
    path,
    createdAt: world.now,
    baseInstanceName: name,
    zones: world.zones.filter((zone) => !isZone || zoneName(project, zone) === location),
    versions: settings.versions ?? [{ template: 'global/instanceTemplates/web-1' }],
    targetSize: size,
    healthChecked,
    updateType: 'PROACTIVE',
    replacementMethod: 'SUBSTITUTE',
    unavailable: { fixed: 0 },
    stateful: false,
    paginated,
    instances: new Map(),
    errors: [],
  }
  project.groups.set(path, group)
  if (settings.scaled !== undefined) {
    const scaler = path.replace('instanceGroupManagers', 'autoscalers')
    project.autoscalers.set(scaler, { id: project.newId(), name, path: scaler, target: path, mode: 'ON', ...settings.scaled })
  }
  converge(project, group)
  world.runUntil(world.now + 120_000)
  return group
}
