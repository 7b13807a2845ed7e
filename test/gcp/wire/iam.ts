import type { GcpPermissions } from 'imago/gcp'
import { Fault } from './fault.ts'
import type { Json, Project } from './project.ts'
import type { Operation } from './writing.ts'

/** What IAM is asked: a permission on a resource. */
export interface Question {
  readonly permission: string
  /** `projects/web-prod/global/images/web-2026-01`, or `projects/-/serviceAccounts/…`. */
  readonly resource: string
}

/** A request as it came, by its path from the project on. */
export interface Request {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body: Json
}

/** What each method asks for of the resource that it is about; those of a region are called like the others. */
const ASKS: Readonly<Record<string, readonly string[]>> = {
  'autoscalers.delete': ['autoscalers.delete'],
  'autoscalers.get': ['autoscalers.get'],
  'autoscalers.insert': ['autoscalers.create'],
  'autoscalers.patch': ['autoscalers.get', 'autoscalers.update'],
  'backendServices.delete': ['backendServices.delete'],
  'backendServices.get': ['backendServices.get'],
  'backendServices.getHealth': ['backendServices.get'],
  'backendServices.insert': ['backendServices.create'],
  'backendServices.list': ['backendServices.list'],
  'backendServices.patch': ['backendServices.get', 'backendServices.update'],
  'disks.list': ['disks.list'],
  'images.get': ['images.get'],
  'images.getFromFamily': ['images.getFromFamily'],
  'instanceGroupManagers.delete': ['instanceGroupManagers.delete', 'instanceGroups.delete'],
  'instanceGroupManagers.deleteInstances': ['instanceGroupManagers.update'],
  'instanceGroupManagers.get': ['instanceGroupManagers.get'],
  'instanceGroupManagers.insert': ['instanceGroupManagers.create', 'instanceGroups.create'],
  'instanceGroupManagers.list': ['instanceGroupManagers.list'],
  'instanceGroupManagers.listErrors': ['instanceGroupManagers.get'],
  'instanceGroupManagers.listManagedInstances': ['instanceGroupManagers.get'],
  'instanceGroupManagers.patch': ['instanceGroupManagers.get', 'instanceGroupManagers.update'],
  'instanceGroups.get': ['instanceGroups.get'],
  'instanceGroups.setNamedPorts': ['instanceGroups.update'],
  'instanceTemplates.delete': ['instanceTemplates.delete'],
  'instanceTemplates.get': ['instanceTemplates.get'],
  'instanceTemplates.insert': ['instanceTemplates.create'],
  'instanceTemplates.list': ['instanceTemplates.list'],
  'instances.list': ['instances.list'],
  'machineTypes.get': ['machineTypes.get'],
  'operations.get': ['operations.get'],
  'operations.list': ['operations.list'],
  'operations.wait': ['operations.get'],
  'urlMaps.get': ['urlMaps.get'],
  'urlMaps.update': ['urlMaps.update'],
}

/** What whoever names a resource must be allowed to do with it, by the collection that it is in. */
const USES: Readonly<Record<string, string>> = {
  backendServices: 'use',
  healthChecks: 'useReadOnly',
  images: 'useReadOnly',
  instanceGroupManagers: 'use',
  instanceGroups: 'use',
  instanceTemplates: 'useReadOnly',
  subnetworks: 'use',
}

/** Collections that have permissions of their own where they are of a region. */
const REGIONAL = new Set(['backendServices', 'healthChecks', 'urlMaps'])
const ACT_AS = 'iam.serviceAccounts.actAs'

/** Whatever a request asks of IAM: for what it does, and for what it names. */
export function questionsOf(project: Project, { name, writes }: Operation, request: Request): Question[] {
  const method = name.replace(/^region([A-Z])/, (_all, letter: string) => letter.toLowerCase())
  const asks = ASKS[method]
  if (asks === undefined) throw new TypeError(`nobody has said what ${method} asks of IAM`)
  const path = aboutOf(method, request)
  const own = asks.map((ask) => {
    const [collection = '', verb = ''] = ask.split('.')
    return question(project.id, collection, verb, path.replace('instanceGroupManagers', collection))
  })
  return writes === true ? [...own, ...usesIn(project, request.body)] : own
}

/** What a request is about: lists are about their project. */
function aboutOf(method: string, { path, query, body }: Request): string {
  const verb = method.split('.')[1] ?? ''
  if (verb === 'insert') return `${path}/${String(body['name'])}`
  if (verb === 'list') return path
  if (method === 'autoscalers.patch') return `${path}/${query['autoscaler'] ?? ''}`
  return path.replace(/\/(?:getHealth|listErrors|listManagedInstances|deleteInstances|setNamedPorts|wait)$/, '')
}

/** @param path of a resource; what is a collection's own is about its project. */
function question(id: string, collection: string, verb: string, path: string): Question {
  const resource = path.endsWith(`/${collection}`) ? `projects/${id}` : `projects/${id}/${path}`
  return { permission: `compute.${kindOf(collection, path)}.${verb}`, resource }
}

/** What IAM calls a collection: `regionBackendServices`, `zoneOperations`. */
function kindOf(collection: string, path: string): string {
  const scope = path.startsWith('global/') ? 'global' : path.startsWith('regions/') ? 'region' : 'zone'
  const isOfScope = collection === 'operations' || (scope === 'region' && REGIONAL.has(collection))
  return isOfScope ? `${scope}${collection.charAt(0).toUpperCase()}${collection.slice(1)}` : collection
}

/** Whatever is named in a body, by its URL or its path; and who the instances of a template will be. */
function usesIn(project: Project, named: unknown): Question[] {
  if (typeof named === 'string') return useOf(project, named)
  if (typeof named !== 'object' || named === null) return []
  const { serviceAccounts = [] } = named as { readonly serviceAccounts?: readonly { readonly email: string }[] }
  const accounts = serviceAccounts.map(({ email }) => ({ permission: ACT_AS, resource: `projects/-/serviceAccounts/${email}` }))
  return [...accounts, ...Object.values(named).flatMap((one) => usesIn(project, one))]
}

const NAMED = /^(?:.*projects\/([^/]+)\/)?((?:global|(?:regions|zones)\/[^/]+)\/(\w+)\/[^/]+)$/

function useOf(project: Project, named: string): Question[] {
  const [, id = project.id, path = '', collection = ''] = NAMED.exec(named) ?? []
  const verb = USES[collection]
  if (verb === undefined) return []
  const settings = collection === 'instanceTemplates' ? project.templates.get(path)?.properties['serviceAccounts'] : undefined
  return [question(id, collection, verb, path), ...usesIn(project, { serviceAccounts: settings ?? [] })]
}

/** @throws Fault 403 for the first that is not allowed, in Google's words. */
export function authorize({ id, asked, policy }: Project, questions: readonly Question[]): void {
  for (const { permission } of questions) asked.add(permission)
  const refused = questions.find((one) => !allows(id, policy, one))
  if (refused === undefined) return
  const { permission, resource } = refused
  if (permission !== ACT_AS) throw new Fault(403, 'forbidden', `Required '${permission}' permission for '${resource}'`)
  const account = resource.split('/').at(-1) ?? ''
  throw new Fault(
    400,
    'SERVICE_ACCOUNT_ACCESS_DENIED',
    `The user does not have access to service account '${account}'. User: 'ada@example.com'. Ask a project owner to grant you the iam.serviceAccountUser role on the service account`,
  )
}

/** The role is bound on the project, a grant on a resource: both reach all that is in it. */
function allows(id: string, { role, grants }: GcpPermissions, { permission, resource }: Question): boolean {
  const reaches = (whole: string) => resource === whole || resource.startsWith(`${whole}/`)
  const granted = grants.some((one) => reaches(one.resource) && one.permissions.includes(permission))
  return granted || (reaches(`projects/${id}`) && role.includedPermissions.includes(permission))
}
