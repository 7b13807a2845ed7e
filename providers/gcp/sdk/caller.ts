import { setImmediate as nextTurn } from 'node:timers/promises'
import type { JsonObject } from '../../../src/core/json.ts'
import { letGo, untilLetGo } from '../../../src/core/let-go.ts'
import { readingTogether } from '../../../src/core/together.ts'
import type { GcpAccess } from './access.ts'
import { gcpFailure } from './failures.ts'
import { sendJson, type JsonRequest, type Sender } from './json.ts'
import { lettingGo, standIn, within } from './letting-go.ts'
import type {
  Autoscaler,
  BackendService,
  Disk,
  GroupHealth,
  Image,
  Instance,
  LoggedError,
  MachineType,
  ManagedInstance,
  Manager,
  Template,
  UrlMap,
} from './resources.ts'
import { loadClient, type GcpService } from './services.ts'

/** Methods that answer with one thing. */
interface Answers {
  readonly 'autoscalers.get': Autoscaler
  readonly 'backendServices.get': BackendService
  readonly 'backendServices.getHealth': GroupHealth
  readonly 'images.get': Image
  readonly 'images.getFromFamily': Image
  readonly 'instanceGroupManagers.get': Manager
  readonly 'instanceTemplates.get': Template
  readonly 'machineTypes.get': MachineType
  readonly 'regionAutoscalers.get': Autoscaler
  readonly 'regionBackendServices.get': BackendService
  readonly 'regionBackendServices.getHealth': GroupHealth
  readonly 'regionInstanceGroupManagers.get': Manager
  readonly 'regionInstanceTemplates.get': Template
  readonly 'regionUrlMaps.get': UrlMap
  readonly 'urlMaps.get': UrlMap
}

/** Methods that answer with a list, page by page. */
interface Lists {
  readonly 'backendServices.list': BackendService
  readonly 'disks.list': Disk
  readonly 'instanceGroupManagers.list': Manager
  readonly 'instanceGroupManagers.listErrors': LoggedError
  readonly 'instanceGroupManagers.listManagedInstances': ManagedInstance
  readonly 'instanceTemplates.list': Template
  readonly 'instances.list': Instance
  readonly 'regionBackendServices.list': BackendService
  readonly 'regionInstanceGroupManagers.list': Manager
  readonly 'regionInstanceGroupManagers.listErrors': LoggedError
  readonly 'regionInstanceGroupManagers.listManagedInstances': ManagedInstance
  readonly 'regionInstanceTemplates.list': Template
}

type Request = Readonly<Record<string, string | number | object>>

/**
 * Calls the Compute API. Each request is sent once: whether to repeat it is for others to say. Those who ask for the same side by side share
 * one request, which is sent after all of them have asked.
 */
export interface Caller {
  /** @throws RolloutError `call-failed`, or `peer-missing`. */
  call<M extends keyof Answers>(method: M, request: Request, signal: AbortSignal): Promise<Answers[M]>
  /** All pages of a list. @throws RolloutError `call-failed`, or `peer-missing`. */
  list<M extends keyof Lists>(method: M, request: Request, signal: AbortSignal): Promise<readonly Lists[M][]>
  /**
   * One request as JSON, by the credentials of the client: it drops `null`, empty lists and whatever is newer than itself, so that what
   * is written goes past it. Nothing of the answer is dropped either. @throws RolloutError `call-failed`, or `peer-missing`.
   */
  json(name: string, sent: JsonRequest, signal: AbortSignal): Promise<JsonObject>
}

/** Compute gives no more in a page. */
const ITEMS_A_PAGE = 500
/** Longest time that one request is waited for. */
const PATIENCE_MS = 60_000
/** The client's own repetitions are off: it would repeat an answer that it cannot read for ten minutes, and hide why. */
const ONCE = { timeout: PATIENCE_MS, retry: { retryCodes: [] }, autoPaginate: false }

type Method = (request: Request, options: object) => Promise<readonly [unknown, Request | null | undefined]>
type Client = { initialize(): Promise<unknown> } & Sender & Readonly<Record<string, Method>>

/** Makes a caller; nothing is loaded or opened before the first call. */
export function createCaller(access: GcpAccess): Caller {
  const clients = new Map<GcpService, Promise<Client>>()
  const opened = (service: GcpService) => {
    const known = clients.get(service) ?? open(service, access)
    clients.set(service, known)
    // Credentials that are not there may be there the next time.
    known.catch(() => clients.delete(service))
    return known
  }
  const send = async (name: string, request: Request, signal: AbortSignal) => {
    if (signal.aborted) throw letGo(name)
    const [service = '', method = ''] = name.split('.')
    const client = await untilLetGo(opened(service as GcpService), name, signal)
    return await untilLetGo(once(client, method, name, request, signal), name, signal)
  }
  const sendAll = async (name: string, request: Request, signal: AbortSignal) => {
    const items: unknown[] = []
    for (let next: Request | null | undefined = { ...request, maxResults: ITEMS_A_PAGE }; next;) {
      const [page, following] = await send(name, next, signal)
      items.push(...(page as unknown[]))
      next = following
    }
    return items
  }
  const json = async (name: string, sent: JsonRequest, signal: AbortSignal) => {
    if (signal.aborted) throw letGo(name)
    const client = await untilLetGo(opened(JSON_BY), name, signal)
    return await untilLetGo(sendJson(client, `${access.endpoint ?? GOOGLE}/compute/v1/`, name, sent, signal), name, signal)
  }
  const together = readingTogether(nextTurn)
  const shared = <T>(name: string, request: object, signal: AbortSignal, read: (signal: AbortSignal) => Promise<T>) =>
    together({ name, signal }, JSON.stringify(request), (all) => read(all.signal))
  return {
    call: (name, request, signal) => shared(name, request, signal, async (all) => (await send(name, request, all))[0] as never),
    list: (name, request, signal) => shared(name, request, signal, (all) => sendAll(name, request, all) as never),
    json: (name, sent, signal) =>
      sent.verb === 'GET' ? shared(name, sent, signal, (all) => json(name, sent, all)) : json(name, sent, signal),
  }
}

/** Whose credentials carry what is sent as JSON: any client has the same. */
const JSON_BY = 'instanceGroupManagers'
const GOOGLE = 'https://compute.googleapis.com'

async function once(client: Client, method: string, name: string, request: Request, signal: AbortSignal) {
  try {
    // A copy of the options for each call: the client writes into them.
    return await within(signal, () => client[method]!({ ...request }, { ...ONCE }))
  } catch (error) {
    throw gcpFailure(name, error)
  }
}

async function open(service: GcpService, access: GcpAccess): Promise<Client> {
  const client = (access.clients?.[service] ?? (await createClient(service, access))) as Client
  lettingGo(client)
  try {
    // Asked for here, for what it throws within a call is caught by nobody and ends the process.
    await client.initialize()
  } catch (error) {
    throw gcpFailure(`${service}.initialize`, error)
  }
  return client
}

async function createClient(service: GcpService, { project, auth, endpoint }: GcpAccess): Promise<unknown> {
  const Client = await loadClient(service)
  return new Client({
    fallback: true,
    projectId: project,
    ...(auth === undefined ? {} : { authClient: standIn(auth) }),
    ...(endpoint === undefined ? {} : addressOf(new URL(endpoint))),
  })
}

/** The client wants an address in three parts, and takes none of it from a URL. */
function addressOf({ hostname, port, protocol }: URL): object {
  const isPlain = protocol === 'http:'
  return { apiEndpoint: hostname, port: port === '' ? (isPlain ? 80 : 443) : Number(port), protocol: isPlain ? 'http' : 'https' }
}
