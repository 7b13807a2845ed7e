import { blueGreen, canary, inPlace, rolling, slots, type Placement } from 'imago'
import type { ImageBehaviour } from 'imago/testing'
import { throughDeaths, type Blow, type End } from '../kit/deaths.ts'
import { addSlot, leadTo, NEW, setUpFleet, type FleetSettings } from './fleet.ts'
import { CLONED, drive, ENDPOINTS, newStore, POOLS, startProcess, type Job, type Way } from './rolling.ts'
import { createSite, type Site } from './site.ts'
import { staying } from './wire/converge.ts'

/** A rollout in which a process dies, or loses an answer. */
interface Course {
  readonly strategy: Job['strategy']
  readonly groups: Placement
  readonly mode: NonNullable<FleetSettings['mode']>
  /** @default 'rules' */
  readonly way?: Way
  readonly behaviour: ImageBehaviour
}

const WAYS = {
  'blue/green by rules': { strategy: blueGreen({ bake: '30s', progressDeadline: '5m' }), groups: CLONED },
  'blue/green by a gateway': {
    strategy: blueGreen({ bake: '30s', progressDeadline: '5m' }),
    groups: CLONED,
    way: 'a gateway',
  },
  'by endpoints from one slot to the other': {
    strategy: canary({ weights: [20], bake: '30s', progressDeadline: '5m' }),
    groups: slots('web', 'web-b'),
    way: 'Traffic Manager',
  },
  'rolling in place': { strategy: rolling({ maxSurge: 1, progressDeadline: '5m' }), groups: inPlace('web') },
  "rolling by Azure's own upgrade": { strategy: rolling({ by: 'native', progressDeadline: '5m' }), groups: inPlace('web') },
  'from one slot to the other': { strategy: blueGreen({ bake: '30s', progressDeadline: '5m' }), groups: slots('web', 'web-b') },
} as const
const ENDS = { '': { kind: 'good' }, ', rolled back': { kind: 'never-healthy' } } as const

export const courses: readonly (readonly [string, Course])[] = Object.entries(WAYS).flatMap(([name, way]) =>
  (['Flexible', 'Uniform'] as const).flatMap((mode) =>
    Object.entries(ENDS).map(([end, behaviour]) => [`${name}, ${mode}${end}`, { ...way, mode, behaviour }] as const),
  ),
)

/** Goes through a course with one blow, or unharmed, to its end. */
export async function goThrough({ strategy, groups, mode, behaviour, way = 'rules' }: Course, blow?: Blow): Promise<End> {
  const site = await createSite({ standing: true })
  const repairs = { automaticRepairsPolicy: { enabled: true, gracePeriod: 'PT30M' } }
  setUpFleet(site, { mode, zonal: mode === 'Flexible', pool: POOLS[way], bounds: { min: 1, max: 10 }, properties: repairs })
  const spare = way === 'rules' ? 'web-lb/web-b' : ENDPOINTS.green
  if (groups.kind === 'slots') addSlot(site, { mode, zonal: mode === 'Flexible', pool: spare })
  if (way === 'Traffic Manager') leadTo(site, 'trafficManager', ...Object.values(ENDPOINTS))
  const image = site.publish(NEW, behaviour)
  const start = { groups, strategy, store: newStore(site), way }
  const planner = startProcess(site, { ...start, name: 'planner' })
  const { id } = await planner.web.start(await planner.web.plan({ image, strategy: strategy as never }))
  const changes: string[] = []
  const before = site.world.machines.launched
  // Its world goes on turn by turn.
  const turned = { world: site.world, drive: <T>(promise: Promise<T>) => promise }
  const outcome = await throughDeaths(turned, { blow, changes, changeNamed }, async (life, name) => {
    const rollout = await startProcess(site, { ...start, name, life }).imago.rollout(id)
    await drive(site, rollout)
    return rollout.state.outcome ?? 'no end'
  })
  await site.close()
  site.world.runUntil(site.world.now + ENDED_MS)
  return { outcome, state: stateOf(site), launched: site.world.machines.launched - before, changes }
}

/** What is being ended has ended by then. */
const ENDED_MS = 600_000
/** A request that is more than a question. Calls of the store have no method. */
function changeNamed(call: string): string | undefined {
  return /^(?:PUT|PATCH|POST|DELETE) /.test(call) ? call : undefined
}

function stateOf({ account }: Site): string {
  const { sets, settings, balancers, profiles, cards } = account
  const sorted = (all: Iterable<string>) => [...all].toSorted().join()
  const bearing = (tags: object) => sorted(Object.keys(tags))
  return [
    ...[...sets.values()].map((set) => {
      const { repairs, rest } = settingsIn(set.model.properties)
      const running = staying(set).map((one) => one.image.id?.split('/').at(-1) ?? '')
      return `set ${set.name}, ${set.model.sku.capacity} large, ${set.provisioningState}, runs ${sorted(running)} of ${set.members.length}, repairs ${repairs}, bears ${bearing(set.model.more['tags'] ?? {})}, launches ${rest}`
    }),
    ...[...settings].map(([name, { properties }]) => `setting ${name}: ${JSON.stringify(properties)}`),
    ...[...balancers].map(([name, { pools, rules, tags }]) => {
      const kept = [...pools].map(([pool, states]) => `${pool} with ${states.size} down`)
      return `${name} has ${sorted(kept)}, sends ${[...rules].join()}, bears ${bearing(tags)}`
    }),
    ...[...profiles.values()].map((one) => `weights ${JSON.stringify([...one.endpoints])}`),
    ...[...cards.values()].map((card) => `an interface in ${sorted(card.pools)}`),
  ].join('\n')
}

function settingsIn(properties: object): { readonly repairs: boolean; readonly rest: string } {
  const { automaticRepairsPolicy: repairs, ...rest } = properties as { automaticRepairsPolicy?: { enabled: boolean } }
  return { repairs: repairs?.enabled === true, rest: JSON.stringify(rest) }
}
