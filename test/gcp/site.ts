import { createRequire } from 'node:module'
import type { GcpAccess, GcpAuth, GcpClient, GcpClients, GcpClock } from 'imago/gcp'
import { createWorld, type ImageBehaviour, type World } from 'imago/testing'
import { expect, test } from 'vitest'
import { faultsOf } from './model.ts'
import { createProject, type ImageRecord, type Project } from './wire/project.ts'
import { serve, type WireServer } from './wire/server.ts'

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
}

/** Whoever calls: nobody asks here. */
export const auth: GcpAuth = {
  getRequestHeaders: () => Promise.resolve(new Headers()),
  fetch: (url, init) => fetch(url, init),
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
  const server = await serve()
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

/** The world's time; whoever waits by it lets it pass. */
function worldClock(world: World): GcpClock {
  return { now: () => world.now, sleep: (ms) => Promise.resolve(world.runUntil(world.now + ms)) }
}

/** A site of its own for one test, with a project of this id. */
export async function createSite(called = `web-prod-${++count}`): Promise<Site> {
  const { server, clients } = await (opened ??= open())
  const world = createWorld({ seed: 1, bootMs: [40_000, 40_000] })
  const project = createProject(world, { id: called })
  server.projects.set(project.id, project)
  return {
    world,
    project,
    endpoint: server.endpoint,
    accessTo: (location) => ({ project: project.id, location, clients, endpoint: server.endpoint, clock: worldClock(world) }),
    publish(name, behaviour = { kind: 'good' }, more = {}) {
      const { id = project.newId() } = more
      const image = { id, name, createdAt: world.now, architecture: 'X86_64', diskSizeGb: '10', status: 'READY', ...more }
      world.images.publish(id, behaviour)
      project.images.set(name, image)
      return image
    },
    waiting: () => project.silent.size,
    calls() {
      const made = Object.fromEntries([...project.calls].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      project.calls.clear()
      return made
    },
  }
}

/** The last test of a file that uses sites: whatever went over the wire was as Google describes it. */
export function testTheWire(): void {
  test('every request and every answer was as Google describes it', async () => {
    const { server } = await (opened ??= open())
    expect(server.exchanges.length).toBeGreaterThan(0)
    const different = new Map(server.exchanges.map((one) => [JSON.stringify(one), one]))
    expect([...new Set([...different.values()].flatMap(faultsOf))]).toEqual([])
  })
}
