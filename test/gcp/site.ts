import { createRequire } from 'node:module'
import type { GcpAccess, GcpAuth, GcpClient, GcpClients, GcpClock } from 'imago/gcp'
import { AsyncLocalStorage } from 'node:async_hooks'
import { createWorld, drive, worldClock, type ImageBehaviour, type Life, type World } from 'imago/testing'
import { expect, test } from 'vitest'
import { callsInFlight } from '../kit/wire/in-flight.ts'
import { aroundCalls } from '../kit/wire/sent-by.ts'
import { faultsOf, type Exchange } from './model.ts'
import { createProject, type ImageRecord, type Project } from './wire/project.ts'
import { MADE_FOR, methodOf, serve, type WireServer } from './wire/server.ts'

/** Google Cloud on a port, with a project of one's own in it and a world behind that. */
export interface Site {
  readonly world: World
  readonly project: Project
  readonly endpoint: string
  /** For `gcp()`: clients of Google's own package that speak to this port. */
  accessTo(location: string): GcpAccess
  /** Registers an image. */
  publish(name: string, behaviour?: ImageBehaviour, more?: Partial<ImageRecord>): ImageRecord
  /** Requests that were answered since the last time, by verb and method. */
  calls(): Record<string, number>
  /** How many requests wait for an answer that never comes. */
  waiting(): number
  /** A port each request of which is sent as this process. @param purpose says what it is made for. */
  sentBy<Port extends object>(port: Port, life: Life, purpose?: () => string | undefined): Port
  /** Lets time pass until a promise has settled; while a request is on the wire it stands. */
  drive<T>(promise: Promise<T>, untilAt?: number): Promise<T>
  close(): void
}

export interface SiteOptions {
  /** The project's id. @default - one that no other has */
  readonly called?: string
  /** Whether its world goes on by `drive` alone. @default false */
  readonly driven?: boolean
  /** @default - one of its own */
  readonly world?: World
}

/** Who sends a request. */
interface Sender {
  readonly life: Life
  readonly purpose: () => string | undefined
  during<T>(call: () => Promise<T>): Promise<T>
}

/** One set of clients sends for everybody; who it sends for is known by the call that is under way. */
const senders = new AsyncLocalStorage<Sender>()

/** Whoever calls: nobody asks here. */
export const auth: GcpAuth = {
  getRequestHeaders: () => Promise.resolve(new Headers()),
  fetch(url, init) {
    const sender = senders.getStore()
    return sender === undefined ? fetch(url, init) : sendAs(sender, url, init)
  },
}

/** Sends a request as a process, and has its answer whole. */
function sendAs({ life, purpose, during }: Sender, url: string, init: RequestInit = {}): Promise<Response> {
  const name = methodOf(init.method?.toUpperCase() ?? 'GET', new URL(url).pathname)?.name ?? url
  const headers = new Headers(init.headers)
  headers.set(MADE_FOR, purpose() ?? '')
  return life.around(name, () =>
    during(async () => {
      const { body, status } = await fetch(url, { ...init, headers })
      return new Response(body === null ? null : await new Response(body).arrayBuffer(), { status })
    }),
  )
}

const SERVICES: readonly Service[] = [
  'autoscalers',
  'backendServices',
  'disks',
  'images',
  'instanceGroupManagers',
  'instanceTemplates',
  'instances',
  'machineTypes',
  'regionAutoscalers',
  'regionBackendServices',
  'regionInstanceGroupManagers',
  'regionInstanceTemplates',
  'regionUrlMaps',
  'urlMaps',
]

type Service = keyof GcpClients

let count = 0
let opened: Promise<{ readonly server: WireServer; readonly clients: GcpClients }> | undefined

/** One port and one set of clients carry all sites of a file: a client takes 30 ms to make, and a project is found by its id. */
async function open() {
  const server = await serve(check)
  const { hostname, port } = new URL(server.endpoint)
  const options = { apiEndpoint: hostname, port: Number(port), protocol: 'http', fallback: true, authClient: auth }
  const clients = {}
  for (const service of SERVICES) {
    let made: GcpClient | undefined
    const make = () => (made ??= new (classOf(service))(options))
    Object.defineProperty(clients, service, { get: make, enumerable: false })
  }
  return { server, clients: clients as GcpClients }
}

/** The class of a client, as Google names it: `images_client` has `ImagesClient`. */
function classOf(service: Service): new (options: object) => GcpClient {
  const file = service.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const name = `${service[0]!.toUpperCase()}${service.slice(1)}Client`
  const loaded = createRequire(import.meta.url)(`@google-cloud/compute/build/src/v1/${file}_client`) as Readonly<
    Record<string, new (options: object) => GcpClient>
  >
  return loaded[name]!
}

/** The world's time; whoever waits by it lets it pass, where nobody else does. */
function clockOf(world: World, driven: boolean): GcpClock {
  return driven ? worldClock(world) : { now: () => world.now, sleep: (ms) => Promise.resolve(world.runUntil(world.now + ms)) }
}

/** A site of its own for one test, with a project of this id. */
export async function createSite({
  called = `web-prod-${++count}`,
  driven = false,
  world: given,
}: SiteOptions = {}): Promise<Site> {
  const { server, clients } = await (opened ??= open())
  const world = given ?? createWorld({ seed: 1, bootMs: [40_000, 40_000] })
  const project = createProject(world, { id: called })
  project.isDriven = driven
  const inFlight = callsInFlight(project.held)
  server.projects.set(project.id, project)
  return {
    world,
    project,
    endpoint: server.endpoint,
    accessTo: (location) => ({
      project: project.id,
      location,
      clients,
      endpoint: server.endpoint,
      clock: clockOf(world, driven),
    }),
    publish(name, behaviour = { kind: 'good' }, more = {}) {
      const { id = project.newId() } = more
      const image = { id, name, createdAt: world.now, architecture: 'X86_64', diskSizeGb: '10', status: 'READY', ...more }
      world.images.publish(id, behaviour)
      project.images.set(name, image)
      return image
    },
    waiting: () => project.silent.size,
    sentBy(port, life, purpose = () => undefined) {
      const sender = { life, purpose, during: inFlight.during }
      return aroundCalls(port, (_given, call) => senders.run(sender, call))
    },
    drive: (promise, untilAt) => drive(world, promise, untilAt, inFlight.silence),
    close: () => void server.projects.delete(project.id),
    calls() {
      const made = Object.fromEntries([...project.calls].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      project.calls.clear()
      return made
    },
  }
}

const seen = { exchanges: 0, faults: new Set<string>() }

function check(exchange: Exchange): void {
  seen.exchanges++
  for (const fault of faultsOf(exchange)) seen.faults.add(fault)
}

/** The last test of a file that uses sites: whatever went over the wire was as Google describes it. */
export function testTheWire(): void {
  test('every request and every answer was as Google describes it', () => {
    expect(seen.exchanges).toBeGreaterThan(0)
    expect([...seen.faults]).toEqual([])
  })
}
