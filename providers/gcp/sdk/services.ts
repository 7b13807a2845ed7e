import { missingPeer } from '../../../src/core/errors.ts'

/** A collection of the Compute API, by the name that it has there. */
export type GcpService =
  | 'autoscalers'
  | 'backendServices'
  | 'disks'
  | 'images'
  | 'instanceGroupManagers'
  | 'instanceTemplates'
  | 'instances'
  | 'machineTypes'
  | 'regionAutoscalers'
  | 'regionBackendServices'
  | 'regionInstanceGroupManagers'
  | 'regionInstanceTemplates'
  | 'regionUrlMaps'
  | 'urlMaps'

const PACKAGE = '@google-cloud/compute'
const missing = missingPeer(PACKAGE, 'imago/gcp')

/** A class of the package: all of its clients are made alike. */
export type ClientClass = new (options: object) => unknown

/**
 * Loads the class of a client: Google calls it, and its file, after the collection. One client's own module takes a fifth of the time that the whole package does, and 100 MB less; it is
 * no promise of the package, so that where it is not found the package itself is asked.
 *
 * @throws RolloutError `peer-missing` when the package is not installed.
 */
export async function loadClient(service: GcpService): Promise<ClientClass> {
  const file = service.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const name = `${service.charAt(0).toUpperCase()}${service.slice(1)}Client`
  const loaded = (await load(`${PACKAGE}/build/src/v1/${file}_client.js`).catch(() => load(PACKAGE).catch(missing))) as Loaded
  const found = loaded[name] ?? loaded.default?.[name]
  return found ?? missing()
}

type Classes = Readonly<Record<string, ClientClass | undefined>>
type Loaded = Classes & { readonly default?: Classes }

/** By a name that no compiler reads: the package's declarations are 34 MB, which is more than all that are read of it. */
function load(name: string): Promise<unknown> {
  return import(name)
}
