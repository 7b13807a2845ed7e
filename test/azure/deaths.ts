import { blueGreen, inPlace, rolling, slots, type Placement, type Rollout } from 'imago'
import { createLife, type Fate, type ImageBehaviour } from 'imago/testing'
import { addSlot, NEW, setUpFleet, type FleetSettings } from './fleet.ts'
import { CLONED, newStore, startProcess, type Job } from './rolling.ts'
import { createSite, type Site } from './site.ts'
import { staying } from './wire/converge.ts'

/** A rollout in which a process dies, or loses an answer. */
interface Course {
  readonly strategy: Job['strategy']
  readonly groups: Placement
  readonly mode: NonNullable<FleetSettings['mode']>
  readonly behaviour: ImageBehaviour
}

/** What happens at one change that the processes of a course ask Azure for, from 1. */
export interface Blow {
  readonly at: number
  readonly kind: 'dies before' | 'dies after' | 'loses the answer'
}

/** Where a course ended. */
export interface End {
  readonly outcome: string
  /** The whole account, without times and ids. */
  readonly state: string
  /** Machines that there ever were. */
  readonly launched: number
  /** Changes that Azure was asked for, in order. */
  readonly changes: readonly string[]
}

const WAYS = {
  'blue/green by rules': { strategy: blueGreen({ bake: '30s', progressDeadline: '5m' }), groups: CLONED },
  'rolling in place': { strategy: rolling({ maxSurge: 1, progressDeadline: '5m' }), groups: inPlace('web') },
  'from one slot to the other': { strategy: blueGreen({ bake: '30s', progressDeadline: '5m' }), groups: slots('web', 'web-b') },
} as const
const ENDS = { '': { kind: 'good' }, ', rolled back': { kind: 'never-healthy' } } as const

export const courses: readonly (readonly [string, Course])[] = Object.entries(WAYS).flatMap(([name, way]) =>
  (['Flexible', 'Uniform'] as const).flatMap((mode) =>
    Object.entries(ENDS).map(([end, behaviour]) => [`${name}, ${mode}${end}`, { ...way, mode, behaviour }] as const),
  ),
)

/** Every blow of a course that was gone through unharmed. */
export function blowsOf({ changes }: End): Blow[] {
  const kinds = ['dies before', 'dies after', 'loses the answer'] as const
  return kinds.flatMap((kind) => changes.map((_, index) => ({ at: index + 1, kind })))
}

/** What is wrong with the end of a course that was struck; `undefined` when it is the end of the unharmed one. */
export async function faultOf(course: Course, unharmed: End, blow: Blow): Promise<string | undefined> {
  const where = `${blow.kind} at ${blow.at}, ${unharmed.changes[blow.at - 1]}`
  const struck = await goThrough(course, blow)
  if (struck.outcome !== unharmed.outcome) return `${where}: ${struck.outcome} instead of ${unharmed.outcome}`
  // A hold may be renewed once more, and who goes may go in other batches; nothing is made a second time.
  const [made, most] = [timesMade(struck), timesMade(unharmed) + (unharmed.changes[blow.at - 1] === MAKES ? 1 : 0)]
  if (made > most) return `${where}: sets were made ${made} times instead of ${most}`
  if (struck.launched !== unharmed.launched) return `${where}: ${struck.launched} machines instead of ${unharmed.launched}`
  return struck.state === unharmed.state ? undefined : `${where}: it ended as\n${struck.state}\ninstead of\n${unharmed.state}`
}

const MAKES = 'PUT virtualMachineScaleSets.createOrUpdate'

function timesMade({ changes }: End): number {
  return changes.filter((one) => one === MAKES).length
}

/** Goes through a course with one blow, or unharmed, to its end. */
export async function goThrough({ strategy, groups, mode, behaviour }: Course, blow?: Blow): Promise<End> {
  const site = await createSite({ standing: true })
  const repairs = { automaticRepairsPolicy: { enabled: true, gracePeriod: 'PT30M' } }
  setUpFleet(site, { mode, zonal: mode === 'Flexible', pool: 'web-lb/web', bounds: { min: 1, max: 10 }, properties: repairs })
  if (groups.kind === 'slots') addSlot(site, { mode, zonal: mode === 'Flexible', pool: 'web-lb/web-b' })
  const image = site.publish(NEW, behaviour)
  const start = { groups, store: newStore(site), way: 'rules' } as const
  const planner = startProcess(site, { ...start, name: 'planner' })
  const { id } = await planner.web.start(await planner.web.plan({ image, strategy: strategy as never }))
  const changes: string[] = []
  const before = site.world.machines.launched
  const outcome = await controllers(site, { id, ...start, fate: fateOf(blow, changes) })
  await site.close()
  site.world.runUntil(site.world.now + ENDED_MS)
  return { outcome, state: stateOf(site), launched: site.world.machines.launched - before, changes }
}

/** What is being ended has ended by then. */
const ENDED_MS = 600_000
/** Until nobody believes any more that the process which died is at work. */
const LEASE_MS = 31_000

/** Processes one after the other, until one of them sees the end. */
async function controllers(
  site: Site,
  { id, fate, ...given }: Omit<Parameters<typeof startProcess>[1], 'life'> & { readonly id: string; readonly fate: Fate },
): Promise<string> {
  for (let count = 1; count < 10; count++) {
    const life = createLife(site.world, fate, () => undefined)
    const { imago } = startProcess(site, { ...given, name: `driver-${count}`, life })
    const rollout = await Promise.race([imago.rollout(id), life.death])
    const outcome = rollout && (await driven(site, rollout, life.death))
    if (outcome !== undefined) return outcome
    site.world.runUntil(site.world.now + LEASE_MS)
  }
  return 'no end'
}

/** Turn after turn, until it has ended, or the process has. */
async function driven(site: Site, rollout: Rollout, death: Promise<undefined>): Promise<string | undefined> {
  for (let turn = 0; turn < 600; turn++) {
    const next = await Promise.race([rollout.tick(), death])
    if (next === undefined) return undefined
    if (rollout.state.phase === 'done') return rollout.state.outcome
    site.world.runUntil(Math.max(next.wakeAt, site.world.now + 1_000))
  }
  return 'no end'
}

/** Strikes once; a course counts on whoever drives it. */
function fateOf(blow: Blow | undefined, changes: string[]): Fate {
  const strikes = (name: string, kind: Blow['kind']) => isChange(name) && blow?.kind === kind && changes.length === blow.at
  return {
    dies(name, moment) {
      if (moment === 'before' && isChange(name)) changes.push(name)
      return strikes(name, moment === 'before' ? 'dies before' : 'dies after')
    },
    loses: (name) => strikes(name, 'loses the answer'),
  }
}

/** A request that is more than a question. Calls of the store have no method. */
function isChange(name: string): boolean {
  return /^(?:PUT|PATCH|POST|DELETE) /.test(name)
}

function stateOf({ account }: Site): string {
  const { sets, settings, balancers, cards } = account
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
    ...[...cards.values()].map((card) => `an interface in ${sorted(card.pools)}`),
  ].join('\n')
}

function settingsIn(properties: object): { readonly repairs: boolean; readonly rest: string } {
  const { automaticRepairsPolicy: repairs, ...rest } = properties as { automaticRepairsPolicy?: { enabled: boolean } }
  return { repairs: repairs?.enabled === true, rest: JSON.stringify(rest) }
}
