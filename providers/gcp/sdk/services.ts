import { rolloutError } from '../../../src/core/errors.ts'

/** Collections of the Compute API that are used, each with the module and the class of its client. */
const CLIENTS = {
  autoscalers: ['autoscalers_client', 'AutoscalersClient'],
  backendServices: ['backend_services_client', 'BackendServicesClient'],
  disks: ['disks_client', 'DisksClient'],
  images: ['images_client', 'ImagesClient'],
  instanceGroupManagers: ['instance_group_managers_client', 'InstanceGroupManagersClient'],
  instanceTemplates: ['instance_templates_client', 'InstanceTemplatesClient'],
  instances: ['instances_client', 'InstancesClient'],
  machineTypes: ['machine_types_client', 'MachineTypesClient'],
  regionAutoscalers: ['region_autoscalers_client', 'RegionAutoscalersClient'],
  regionBackendServices: ['region_backend_services_client', 'RegionBackendServicesClient'],
  regionInstanceGroupManagers: ['region_instance_group_managers_client', 'RegionInstanceGroupManagersClient'],
  regionInstanceTemplates: ['region_instance_templates_client', 'RegionInstanceTemplatesClient'],
  regionUrlMaps: ['region_url_maps_client', 'RegionUrlMapsClient'],
  urlMaps: ['url_maps_client', 'UrlMapsClient'],
} as const

/** A collection of the Compute API. */
export type Service = keyof typeof CLIENTS

const PACKAGE = '@google-cloud/compute'

/** A class of the package: all of its clients are made alike. */
export type ClientClass = new (options: object) => unknown

/**
 * Loads the class of a client. One client's own module takes a fifth of the time that the whole package does, and 100 MB less; it is
 * no promise of the package, so that where it is not found the package itself is asked.
 *
 * @throws RolloutError `peer-missing` when the package is not installed.
 */
export async function loadClient(service: Service): Promise<ClientClass> {
  const [file, name] = CLIENTS[service]
  const loaded = (await load(`${PACKAGE}/build/src/v1/${file}.js`).catch(() => load(PACKAGE).catch(missing))) as Loaded
  const found = loaded[name] ?? loaded.default?.[name] ?? loaded.v1?.[name]
  return found ?? missing(undefined)
}

type Classes = Readonly<Record<string, ClientClass | undefined>>
type Loaded = Classes & { readonly default?: Classes; readonly v1?: Classes }

/** By a name that no compiler reads: the package's declarations are 34 MB, which is more than all that are read of it. */
function load(name: string): Promise<unknown> {
  return import(name)
}

function missing(cause: unknown): never {
  throw rolloutError(
    'peer-missing',
    `imago/gcp needs ${PACKAGE}, which is not installed here: npm install ${PACKAGE}`,
    { package: PACKAGE, for: 'imago/gcp' },
    cause,
  )
}
