import { clone, inPlace, slots, type FleetSpec } from '../../core/fleet-spec.ts'
import type { Outcome, RolloutEvent } from '../../core/events.ts'
import type { Placement } from '../../core/ports.ts'
import { blueGreen } from '../../strategies/blue-green.ts'
import { canary } from '../../strategies/canary.ts'
import { rolling } from '../../strategies/rolling.ts'
import type { Strategy } from '../../strategies/strategy.ts'
import { drive } from '../world/index.ts'
import { UNHARMED, type Fate } from './mortal.ts'
import { CALM, type Model, type Scenario } from './model.ts'
import { SETTLING_MS } from './scenario.ts'
import { simulatedCloud } from './playground.ts'
import { setStage, spawn, type Stage } from './stage.ts'

/** A rollout that is gone through with a crash at every place. */
export interface Course {
  readonly name: string
  readonly groups: FleetSpec['groups']
  readonly weights: boolean
  readonly strategy: Strategy
  readonly behaviour: Model['behaviour']
  /** What a person asks for once the second waypoint is entered. @default - nothing */
  readonly person?: 'rollback' | 'abort'
  readonly outcome: Outcome
}

/** What happens to the controller at one place of its rollout. */
export interface Blow {
  /** Which change of the world or the journal it is, from 1; or which call of any kind. */
  readonly at: number
  /** Whether calls that change nothing are counted too. @default false */
  readonly readsToo?: boolean
  readonly kind: 'dies before' | 'dies after' | 'loses the answer'
  /** And once more, so many changes later. @default - not */
  readonly again?: number
}

/** Where a course ended. */
export interface End {
  readonly outcome: string
  /** Groups, routes and holds, without times. */
  readonly state: string
  /** Changing calls that reached the cloud. */
  readonly calls: number
  /** Changes of the world or the journal that the controllers tried. */
  readonly places: number
  /** Calls of any kind that they tried. */
  readonly steps: number
  /** For a person who looks into it. */
  readonly journal: readonly RolloutEvent[]
}

const ANALYSIS = {
  metrics: [{ source: 'world', query: 'error-rate', must: { op: '<', value: 0.05 } }],
  interval: '30s',
  count: 2,
} as const
const GOOD = { kind: 'good' } as const

/** Every strategy in every placement it fits, to each of its ends: promoted, sent back by a gate, by a person, aborted. */
export function courses(): readonly Course[] {
  const found: Course[] = []
  for (const weights of [true, false]) {
    for (const groups of placements(weights)) {
      const strategies = weights
        ? [
            blueGreen({ bake: '30s', analysis: ANALYSIS }),
            canary({ weights: [34, 67], bake: '30s', analysis: ANALYSIS }),
            // By weights a slot has a route of its own, and rolling goes by count.
            ...(groups.kind === 'slots' ? [] : [rolling({ maxSurge: 1 })]),
          ]
        : [canary({ weights: [34, 67], bake: '30s', analysis: ANALYSIS }), rolling({ maxSurge: 1 })]
      for (const strategy of strategies) {
        const base = { groups, weights, strategy, behaviour: GOOD }
        const name = `${strategy.name}, ${groups.kind}, by ${weights ? 'weights' : 'count'}`
        const bad =
          strategy.name === 'rolling'
            ? ({ kind: 'never-healthy' } as const)
            : ({ kind: 'errors-under-traffic', share: 0.5 } as const)
        found.push({ ...base, name: `${name}: promoted`, outcome: 'promoted' })
        found.push({ ...base, name: `${name}: sent back by a gate`, behaviour: bad, outcome: 'rolled-back' })
        found.push({ ...base, name: `${name}: sent back by a person`, person: 'rollback', outcome: 'rolled-back' })
        found.push({ ...base, name: `${name}: aborted`, person: 'abort', outcome: 'aborted' })
      }
    }
  }
  return found
}

function placements(weights: boolean): readonly Placement[] {
  const beside = [clone({ adopt: 'web' }), slots('web', 'web-b')]
  return weights ? beside : [...beside, inPlace('web')]
}

const CHANGES: ReadonlySet<string> = new Set([
  'ensureGroup',
  'resize',
  'remove',
  'hold',
  'release',
  'retire',
  'prepare',
  'join',
  'setWeights',
  'leave',
  'append',
])
const HOUR_MS = 3_600_000

/** Goes through a course with one blow, or unharmed, to its end. */
export async function goThrough(course: Course, blow?: Blow): Promise<End> {
  const stage = await setStage(scenarioOf(course), simulatedCloud)
  const { world } = stage
  world.runUntil(world.now + SETTLING_MS)
  const { fleet } = spawn(stage, 'planner', UNHARMED)
  const started = await drive(
    world,
    fleet.plan({ image: 'img-2', strategy: course.strategy }).then((plan) => fleet.start(plan, { by: 'simulator' })),
    world.now + HOUR_MS,
  )
  const count = { places: 0, steps: 0 }
  const outcome = await drive(world, controllers(stage, started.id, course, fateOf(blow, count)), world.now + 8 * HOUR_MS)
  return { outcome, state: stateOf(stage), calls: stage.book.calls.length, ...count, journal: stage.book.journal }
}

/** Controllers one after the other, until one of them sees the end; a person who asks for something when it is time. */
async function controllers(stage: Stage, id: string, course: Course, fate: Fate): Promise<string> {
  const { clock } = stage.world
  void askInTime(stage, id, course)
  for (;;) {
    const { imago, life } = spawn(stage, 'controller', fate)
    const ended = (async () => (await (await imago.rollout(id)).run()).outcome)()
    const outcome = await Promise.race([ended, life.death])
    if (outcome !== undefined) return outcome
    await clock.sleep(31_000)
  }
}

async function askInTime(stage: Stage, id: string, { person }: Course): Promise<void> {
  if (person === undefined) return
  while (!secondReady(stage)) await stage.world.clock.sleep(100)
  const rollout = await spawn(stage, 'person', UNHARMED).imago.rollout(id)
  await rollout[person]({ by: 'ada' })
}

/** Whether the fleet stands where the second waypoint wants it: the same place, however often a controller died on the way. */
function secondReady({ book: { journal } }: Stage): boolean {
  const second = journal.find((event) => event.type === 'waypoint.entered' && event.index === 1)
  return (
    second?.type === 'waypoint.entered' &&
    journal.some((event) => event.type === 'waypoint.ready' && event.waypoint === second.waypoint)
  )
}

/** Strikes at one place, and perhaps once more; every controller of the course counts on. */
function fateOf(blow: Blow | undefined, count: { places: number; steps: number }): Fate {
  const counts = (name: string) => blow?.readsToo === true || CHANGES.has(name)
  const reached = () => (blow?.readsToo === true ? count.steps : count.places)
  const strikes = () =>
    blow !== undefined && (reached() === blow.at || (blow.again !== undefined && reached() === blow.at + blow.again))
  return {
    dies(name, moment) {
      if (moment === 'before') count.steps++
      if (moment === 'before' && CHANGES.has(name)) count.places++
      if (!counts(name) || !strikes()) return false
      if (blow?.kind === 'loses the answer') return moment === 'after' && count.places !== blow.at
      return moment === (blow?.kind === 'dies before' ? 'before' : 'after')
    },
    loses: (name) => CHANGES.has(name) && blow?.kind === 'loses the answer' && count.places === blow.at,
  }
}

function stateOf({ cloud }: Stage): string {
  const lines: string[] = []
  for (const group of cloud.truth.groups.values()) {
    if (group.retiring) continue
    const well = group.instances.filter((one) => one.machine.state === 'healthy' && !one.terminating).length
    lines.push(
      `${group.id} launches ${group.release}, ${JSON.stringify(group.sizes)}, ${well} well, ${group.holds.length} holds, minimum ${group.min}`,
    )
  }
  for (const fleet of cloud.truth.fleets.values())
    for (const route of fleet.routes.values())
      lines.push(`route ${route.binding} ${route.weight}: ${[...route.groups.keys()].join(', ')}`)
  return lines.join('\n')
}

function scenarioOf({ groups, strategy, behaviour, weights }: Course): Scenario {
  return {
    spec: { size: 3, groups, strategy, floor: '100%' },
    model: {
      seed: 1,
      behaviour,
      // Deaths must not be mistaken for an image that does not come up.
      cloud: { router: { weights }, readyDeadlineMs: behaviour.kind === 'never-healthy' ? 300_000 : 3_600_000 },
      bootMs: [20_000, 20_000],
      controllers: 1,
      demand: () => 1,
      trouble: CALM,
    },
  }
}
