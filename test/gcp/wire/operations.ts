import { healthOutput, serviceOutput, urlMapOutput } from './balancer-outputs.ts'
import { notFound } from './fault.ts'
import {
  autoscalerOutput,
  diskOutput,
  errorOutput,
  operationOutput,
  groupOutput,
  groupUrl,
  imageOutput,
  instanceOutput,
  managedOutput,
  templateOutput,
} from './outputs.ts'
import {
  urlOf,
  zoneName,
  type GroupRecord,
  type InstanceRecord,
  type Json,
  type OperationRecord,
  type Project,
} from './project.ts'
import type { Input, Operation } from './writing.ts'
import { balancerWrites } from './balancer-writes.ts'
import { groupWrites } from './group-writes.ts'
import { plainGroups } from './plain-groups.ts'

const TEMPLATE = 'instanceTemplates/{instanceTemplate}'
const IMAGES = 'global/images'

/** The methods that are used; there are no others here. */
export const operations: readonly Operation[] = [
  get('images.getFromFamily', `${IMAGES}/family/{family}`, (project, { family = '' }, path) => {
    const newest = [...project.images.values()]
      .filter((one) => one.family === family && one.deprecated === undefined && one.isGone !== true)
      .sort((a, b) => b.createdAt - a.createdAt)[0]
    return newest === undefined ? missing(path) : imageOutput(project, newest)
  }),
  get('images.get', `${IMAGES}/{image}`, (project, { image = '' }, path) => {
    const found = project.images.get(image) ?? [...project.images.values()].find((one) => one.id === image)
    return found === undefined || found.isGone === true ? missing(path) : imageOutput(project, found)
  }),
  ...(['global', 'regions/{region}'] as const).flatMap((scope) => {
    const service = scope === 'global' ? 'instanceTemplates' : 'regionInstanceTemplates'
    return [
      get(`${service}.get`, `${scope}/${TEMPLATE}`, (project, _input, path) => {
        const found = project.templates.get(path)
        return found === undefined ? missing(path) : templateOutput(project, found)
      }),
      get(`${service}.list`, `${scope}/instanceTemplates`, (project, input, path) =>
        described([...project.templates.values()], path, input, (one) => templateOutput(project, one)),
      ),
    ]
  }),
  ...ofBalancer('global', 'backendServices', 'urlMaps'),
  ...ofBalancer('regions/{region}', 'regionBackendServices', 'regionUrlMaps'),
  ...ofScope('zones/{zone}', 'instanceGroupManagers', 'autoscalers'),
  ...ofScope('regions/{region}', 'regionInstanceGroupManagers', 'regionAutoscalers'),
  listOf('instances', instanceOutput),
  listOf('disks', diskOutput),
  ...(['global', 'zones/{zone}', 'regions/{region}'] as const).flatMap(ofOperations),
  get('instanceGroupManagers.aggregatedList', 'aggregated/instanceGroupManagers', everywhere),
  ...groupWrites,
  ...plainGroups,
  ...balancerWrites,
  get('machineTypes.get', 'zones/{zone}/machineTypes/{machineType}', (project, { zone = '', machineType = '' }, path) => ({
    kind: 'compute#machineType',
    id: '801002',
    name: machineType,
    architecture: machineType.startsWith('t2a-') || machineType.startsWith('c4a-') ? 'ARM64' : 'X86_64',
    guestCpus: 2,
    memoryMb: 2_048,
    zone,
    selfLink: urlOf(project, path),
  })),
]

function ofScope(scope: string, managers: string, scalers: string): Operation[] {
  const group = `${scope}/instanceGroupManagers/{instanceGroupManager}`
  return [
    get(`${managers}.list`, `${scope}/instanceGroupManagers`, (project, input, path) =>
      described([...project.groups.values()], path, input, (one) => groupOutput(project, one)),
    ),
    get(`${managers}.get`, group, (project, _input, path) => groupOutput(project, groupAt(project, path))),
    {
      ...get(`${managers}.listManagedInstances`, `${group}/listManagedInstances`, (project, input, path) => {
        const found = groupAt(project, path.replace(/\/\w+$/, ''))
        const { items, ...next } = page([...found.instances.values()], found.paginated ? input : {})
        return { managedInstances: items.map((one) => managedOutput(project, one)), ...next }
      }),
      verb: 'POST',
    },
    get(`${managers}.listErrors`, `${group}/listErrors`, (project, input, path) => {
      const { items, ...next } = page(groupAt(project, path.replace(/\/\w+$/, '')).errors, input)
      return { items: items.map((one) => errorOutput(project, one)), ...next }
    }),
    get(`${scalers}.list`, `${scope}/autoscalers`, (project, input, path) =>
      described([...project.autoscalers.values()], path, input, (one) => autoscalerOutput(project, one)),
    ),
    get(`${scalers}.get`, `${scope}/autoscalers/{autoscaler}`, (project, _input, path) => {
      const found = project.autoscalers.get(path)
      return found === undefined ? missing(path) : autoscalerOutput(project, found)
    }),
  ]
}

function ofBalancer(scope: string, services: string, maps: string): Operation[] {
  const service = `${scope}/backendServices/{backendService}`
  const health = get(`${services}.getHealth`, `${service}/getHealth`, (project, _input, path, { group }) => {
    const { backends } = project.services.get(path.replace(/\/\w+$/, '')) ?? missing(path)
    const asked = [...backends.keys()].find((one) => groupUrl(project, one) === group)
    return healthOutput(project, groupAt(project, asked ?? missing(String(group))))
  })
  return [
    get(`${maps}.get`, `${scope}/urlMaps/{urlMap}`, (project, _input, path) =>
      urlMapOutput(project.urlMaps.get(path) ?? missing(path)),
    ),
    get(`${services}.get`, service, (project, _input, path) =>
      serviceOutput(project, project.services.get(path) ?? missing(path)),
    ),
    get(`${services}.list`, `${scope}/backendServices`, (project, input, path) => {
      const { items, ...next } = page(
        [...project.services.values()].filter((one) => one.path.startsWith(`${path}/`)),
        input,
      )
      return { items: items.map((one) => serviceOutput(project, one)), ...next }
    }),
    { ...health, verb: 'POST' },
  ]
}

/** How an operation stands, and waiting for it. */
function ofOperations(scope: string): Operation[] {
  const one = `${scope}/operations/{operation}`
  const isOf = (type: string | undefined) => (operation: OperationRecord) => type === undefined || operation.type === type
  const found = (project: Project, path: string) => project.operations.get(path) ?? missing(path)
  return [
    get('operations.list', `${scope}/operations`, (project, input, path) => {
      const type = /^operationType = "(.*)"$/.exec(input['filter'] ?? '')?.[1]
      const all = [...project.operations.values()].filter((operation) => operation.path.startsWith(`${path}/`))
      const { items, ...next } = page(all.filter(isOf(type)), input)
      return { items: items.map((operation) => operationOutput(project, operation)), ...next }
    }),
    get('operations.get', one, (project, _input, path) => operationOutput(project, found(project, path))),
    {
      ...get('operations.wait', `${one}/wait`, (project, _input, path) =>
        operationOutput(project, found(project, path.replace(/\/\w+$/, ''))),
      ),
      verb: 'POST',
      endsAt: (project, path) => found(project, path.replace(/\/\w+$/, '')).endsAt,
    },
  ]
}

/** What stands under a path, by a regular expression for its description. */
function described<One extends { readonly path: string; readonly description?: string }>(
  all: readonly One[],
  parent: string,
  input: Input,
  output: (one: One) => Json,
): Json {
  const asked = /^description eq "(.*)"$/.exec(input['filter'] ?? '')?.[1]
  const pattern = new RegExp(`^(?:${asked ?? '.*'})$`)
  const isAsked = (one: One) => asked === undefined || pattern.test(one.description ?? '')
  const { items, ...next } = page(
    all.filter((one) => one.path.startsWith(`${parent}/`) && isAsked(one)),
    input,
  )
  return { items: items.map(output), ...next }
}

/** The groups of all zones and regions, by where they are; a place without any says so. */
function everywhere(project: Project, input: Input, path: string): Json {
  const { items: groups, ...next } = page([...project.groups.values()], input)
  const places = [`regions/${project.region}`, ...project.world.zones.map((zone) => `zones/${zoneName(project, zone)}`)]
  const items = places.map((place) => {
    const here = groups.filter((one) => one.path.startsWith(`${place}/`))
    const message = `There are no results for scope '${place}' on this page.`
    const warning = { code: 'NO_RESULTS_ON_PAGE', message, data: [{ key: 'scope', value: place }] }
    return [place, here.length === 0 ? { warning } : { instanceGroupManagers: here.map((one) => groupOutput(project, one)) }]
  })
  const named = { kind: 'compute#instanceGroupManagerAggregatedList', id: `projects/${project.id}/${path}` }
  return { ...named, selfLink: urlOf(project, path), items: Object.fromEntries(items) as Json, ...next }
}

/** What machines of a zone are made of, by a regular expression for their names. */
function listOf(kind: 'instances' | 'disks', output: (project: Project, one: InstanceRecord) => Json): Operation {
  return get(`${kind}.list`, `zones/{zone}/${kind}`, (project, input, path) => {
    const named = new RegExp(`^(?:${/^name eq "(.*)"$/.exec(input['filter'] ?? '')?.[1] ?? '.*'})$`)
    const all = [...project.groups.values()].flatMap((one) => [...one.instances.values()])
    const isHere = (one: InstanceRecord) => one.machine !== undefined && zoneName(project, one.zone) === input['zone']
    const { items, ...next } = page(
      all.filter((one) => isHere(one) && named.test(one.name)),
      input,
    )
    return {
      id: `projects/${project.id}/${path}`,
      selfLink: urlOf(project, path),
      items: items.map((one) => output(project, one)),
      ...next,
    }
  })
}

function get(name: string, path: string, answer: (project: Project, input: Input, path: string, body: Json) => Json): Operation {
  const pathOf = (input: Input) => path.replaceAll(/\{(\w+)\}/g, (_all, key: string) => input[key] ?? '')
  return { name, verb: 'GET', path, answer: (project, input, body) => answer(project, input, pathOf(input), body) }
}

function groupAt(project: Project, path: string): GroupRecord {
  return project.groups.get(path) ?? missing(path)
}

/** @throws Fault 404. */
function missing(path: string): never {
  throw notFound(path)
}

/** A page of a list; without a wish for less it is the whole of it. */
function page<Item>(all: readonly Item[], { maxResults, pageToken }: Input): { items: readonly Item[]; nextPageToken?: string } {
  if (maxResults === undefined) return { items: all }
  const from = Number(pageToken ?? 0)
  const to = from + Math.min(Number(maxResults), 500)
  return { items: all.slice(from, to), ...(to < all.length ? { nextPageToken: String(to) } : {}) }
}
