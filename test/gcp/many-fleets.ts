import { canary, clone, createImago, type FleetTarget, type Rollout } from 'imago'
import { backendService, gcp } from 'imago/gcp'
import { createLife, worldSystem } from 'imago/testing'
import { aroundCalls } from '../kit/wire/sent-by.ts'
import { addService } from './balancer.ts'
import { addGroup, addTemplate, ZONE } from './fleet.ts'
import { storeOf } from './kit.ts'
import { NEW, OLD } from './rolling.ts'
import { createSite, type Site } from './site.ts'

/** What was asked while many fleets are there and some of them are rolled. */
export interface Load {
  /** Turns of all rollouts, and how many a rollout was given one in. */
  readonly turns: number
  readonly looks: number
  /** The most requests of a minute, reads and changes. */
  readonly mostAMinute: number
  /** Requests by verb and method, over all turns. */
  readonly calls: Readonly<Record<string, number>>
  /** Fleets that the provider or a router was called for. */
  readonly fleets: ReadonlySet<string>
  readonly outcomes: readonly string[]
}

/** As many fleets in one project, so many of which are rolled by canary, all by one process, for this long. */
export async function manyFleets({ fleets, rolling, forMs }: { fleets: number; rolling: number; forMs: number }): Promise<Load> {
  const site = await createSite({ called: 'many-fleets', driven: true })
  const { world } = site
  setUp(site, fleets)
  const life = createLife(world, { dies: () => false }, () => undefined)
  const cloud = gcp(site.accessTo(ZONE))
  const called = new Set<string>()
  const counted = <Port extends object>(port: Port) =>
    aroundCalls(site.sentBy(port, life), ([target], call) => {
      called.add((target as FleetTarget).name)
      return call()
    })
  const imago = createImago({
    store: storeOf(site),
    providers: { gcp: counted(cloud) },
    system: worldSystem(world, 'driver', { user: 'ada' }),
  })
  const declared = Array.from({ length: fleets }, (_, index) =>
    imago.fleet(name(index), {
      provider: 'gcp',
      groups: clone({ adopt: name(index) }),
      traffic: counted(backendService(cloud, { backendService: name(index) })),
    }),
  )
  const image = `gce:${site.project.id}/${site.publish(NEW).id}`
  const rollouts: Rollout[] = []
  for (const web of declared.slice(0, rolling))
    rollouts.push(await site.drive(web.plan({ image, strategy: STRATEGY }).then((plan) => web.start(plan))))
  site.calls()
  const calls: Record<string, number> = {}
  const perTurn: number[] = []
  let [turns, looks] = [0, 0]
  for (const endsAt = world.now + forMs; world.now < endsAt; turns++) {
    const nextAt = world.now + LOOKS_APART_MS
    looks += (await site.drive(imago.tick())).turns.length
    world.runUntil(Math.max(world.now, nextAt))
    const made = site.calls()
    for (const [call, count] of Object.entries(made)) calls[call] = (calls[call] ?? 0) + count
    perTurn.push(Object.values(made).reduce((sum, count) => sum + count, 0))
  }
  const outcomes = rollouts.map((one) => one.state.outcome ?? one.state.phase)
  site.close()
  return { turns, looks, mostAMinute: mostOf(perTurn, 60_000 / LOOKS_APART_MS), calls, fleets: called, outcomes }
}

/** The most that so many in a row come to. */
function mostOf(counts: readonly number[], inARow: number): number {
  return Math.max(...counts.map((_, at) => counts.slice(at, at + inARow).reduce((sum, count) => sum + count, 0)))
}

const STRATEGY = canary({ weights: [50], bake: '3m' })
const LOOKS_APART_MS = 10_000

/** Fleets as their owners made them: a group behind a backend service of its own, and another one beside it. */
function setUp(site: Site, fleets: number): void {
  site.publish(OLD)
  addTemplate(site, 'web-1', OLD)
  for (let index = 0; index < fleets; index++) {
    const { path } = addGroup(site, { name: name(index), size: 2 })
    addGroup(site, { name: `${name(index)}-jobs`, size: 0 })
    addService(site, name(index), { groups: [path] })
  }
  site.world.runUntil(site.world.now + 120_000)
}

function name(index: number): string {
  return `web-${index}`
}
