import { isRolloutError } from '../../core/errors.ts'
import type { RolloutEvent } from '../../core/events.ts'
import type { Plan } from '../../core/plan.ts'
import type { World } from '../world/index.ts'
import { stirAfterEnd } from './after-end.ts'
import { watch, type Findings, type Scene, type Verdicts, type Violation } from './checkers/index.ts'
import { untilEnded } from './controllers.ts'
import { makeUpForLoss } from './lose-store.ts'
import { meddle } from './meddle.ts'
import { CALM, specOf, type Model, type SimulatedSpec } from './model.ts'
import { UNHARMED } from './mortal.ts'
import { patienceMs } from './patience.ts'
import { simulatedCloud, type Playground } from './playground.ts'
import { SETTLING_MS } from './scenario.ts'
import { BYSTANDERS, setStage, spawn, type Stage } from './stage.ts'

/** What one run came to. */
export interface RunResult {
  readonly seed: number
  readonly outcome: string
  readonly turns: number
  readonly crashes: number
  readonly faults: Readonly<Record<number, number>>
  readonly checks: Readonly<Record<string, number>>
  /** Breaches that something outside the rollout explains, each with what explains it. */
  readonly excused: readonly Violation[]
  readonly violations: readonly Violation[]
  readonly journal: readonly RolloutEvent[]
  /** The journal and the world's latest changes, for a person. */
  trace(): string
}

const HOUR_MS = 3_600_000
/** After this no call of a controller can land any more. */
const LATE_CALLS_MS = 120_000

/**
 * Rolls a new image through a fleet of a simulated world by the real engine, with every checker watching.
 *
 * @param what the fleet and the strategy, or a plan that says both.
 * @param playground the cloud that it is played on.
 */
export async function simulate(
  what: SimulatedSpec | Plan,
  model: Model,
  playground: Playground = simulatedCloud,
): Promise<RunResult> {
  const stage = await setStage({ spec: 'waypoints' in what ? specOf(what) : what, model }, playground)
  try {
    return await play(stage)
  } finally {
    await stage.cloud.close?.()
  }
}

async function play(stage: Stage): Promise<RunResult> {
  const { cloud, model, world } = stage
  world.runUntil(world.now + SETTLING_MS)
  const plan = await cloud.drive(planAndStart(stage), world.now + HOUR_MS)
  if (plan === undefined) return resultOf(stage, 'not started', [])
  const verdicts = [watch(model.seed, sceneOf(stage, plan))]
  trouble(stage, verdicts)
  const limitAt = world.now + patienceMs({ spec: stage.spec, model }, plan)
  const outcome = await outcomeOf(stage, limitAt, verdicts)
  await judge(stage, outcome, verdicts.at(-1))
  return resultOf(stage, outcome, verdicts)
}

/** How it ended; `stuck` when no time passes any more, or nothing will ever happen. */
async function outcomeOf(stage: Stage, limitAt: number, verdicts: readonly Verdicts[]): Promise<string> {
  try {
    return await stage.cloud.drive(untilEnded(stage, limitAt), limitAt + HOUR_MS)
  } catch (error) {
    if (!isRolloutError(error, 'host-unfit')) throw error
    verdicts.at(-1)?.findings.broken('I20', error.message.split('\n', 1)[0] ?? '')
    return 'stuck'
  }
}

async function planAndStart(stage: Stage): Promise<Plan | undefined> {
  const { fleet } = spawn(stage, 'planner', UNHARMED)
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      const plan = await fleet.plan({ image: stage.playground.images[1], strategy: stage.spec.strategy })
      stage.rolloutId = (await fleet.start(plan, { by: 'simulator' })).id
      return plan
    } catch (error) {
      if (!isRolloutError(error)) throw error
      await stage.world.clock.sleep(60_000)
    }
  }
  return undefined
}

function sceneOf({ world, cloud, book, clocks }: Stage, plan: Plan): Scene {
  const { truth } = cloud
  const traces = () => cloud.traces?.() ?? []
  return { world, truth, fleetId: plan.fleet.id, bystanders: BYSTANDERS, plan, ...book, traces, clockJumpedMs: clocks.jumpedMs }
}

/** Lets everything go wrong that is to go wrong, until its time is over. */
function trouble(stage: Stage, verdicts: Verdicts[]): void {
  const { world, model } = stage
  const { lastsMs, storeLostAtMs } = model.trouble
  meddle(stage)
  world.schedule(world.now + lastsMs, () => endTrouble(stage))
  if (storeLostAtMs !== undefined) world.schedule(world.now + storeLostAtMs, () => void loseStore(stage, verdicts))
}

function endTrouble(stage: Stage): void {
  stage.calm = true
  stage.cloud.faults.stop()
  stage.storeFaults.stop()
  stage.checks.stop()
}

async function loseStore(stage: Stage, verdicts: Verdicts[]): Promise<void> {
  if (stage.book.journal.some((event) => event.type === 'rollout.finished')) return
  verdicts.at(-1)?.stop()
  const madeUp = await makeUpForLoss(stage)
  if (madeUp === undefined) return
  if ('swept' in madeUp) stage.swept = true
  else verdicts.push(watch(stage.model.seed, sceneOf(stage, madeUp.plan)))
}

async function judge(stage: Stage, outcome: string, verdicts: Verdicts | undefined): Promise<void> {
  if (verdicts === undefined) return
  const { findings } = verdicts
  for (const { invariant, what } of stage.complaints) findings.broken(invariant, what)
  if (outcome === 'stuck') return
  findings.met('I20')
  const fault = calmFault(stage, outcome)
  if (fault !== undefined) findings.broken('I20', fault)
  if (outcome === 'running') findings.broken('I20', 'it had not ended, nor did it wait for a person, long after the faults')
  else if (outcome !== 'waiting' && outcome !== 'swept') {
    endTrouble(stage)
    findings.met('I14')
    const done = await stage.cloud.drive(afterEnd(stage), stage.world.now + HOUR_MS)
    if (done !== undefined) findings.broken('I14', done)
  }
  if (outcome === 'swept') holdsGone(stage, findings)
  else verdicts.atEnd()
}

/** Where nothing goes wrong nobody has to be called, and what is good gets through. */
function calmFault({ model }: Stage, outcome: string): string | undefined {
  if (model.trouble !== CALM || model.cloud.faults !== undefined) return undefined
  if (outcome === 'waiting') return 'nothing went wrong, and a person was called'
  return model.behaviour.kind === 'good' && outcome !== 'promoted' ? `nothing went wrong, and it ended ${outcome}` : undefined
}

/** What is still to land does so before the end is judged. */
async function afterEnd(stage: Stage): Promise<string | undefined> {
  stage.over = true
  await stage.world.clock.sleep(LATE_CALLS_MS)
  // What a person began afterwards goes on by itself.
  return stage.book.followed ? undefined : await stirAfterEnd(stage)
}

function holdsGone({ cloud }: Stage, findings: Findings): void {
  findings.met('I21')
  for (const { id, holds } of cloud.truth.groups.values())
    for (const hold of holds) findings.broken('I21', `${hold.kind} of ${hold.owner} is left on ${id} after a sweep`)
  for (const { kind, what } of cloud.traces?.() ?? []) if (kind === 'held') findings.broken('I21', `${what} after a sweep`)
}

function resultOf(stage: Stage, outcome: string, verdicts: readonly Verdicts[]): RunResult {
  const { counts, world, model } = stage
  const { journal } = stage.book
  const checks: Record<string, number> = {}
  for (const one of verdicts) add(checks, one.checks)
  return {
    seed: model.seed,
    outcome,
    turns: counts.turns,
    crashes: counts.crashes,
    faults: faultsOf(stage),
    checks,
    excused: verdicts.flatMap((one) => one.excused),
    violations: verdicts.flatMap((one) => one.violations),
    journal,
    trace: () => `${journal.map((event) => line(event, world)).join('\n')}\n\n${String(world.trace)}`,
  }
}

/** Everything that has gone wrong, by the numbers of the list. */
function faultsOf({ cloud, storeFaults, counts, checks, clocks, model }: Stage): Record<number, number> {
  const faults: Record<number, number> = {}
  const around = {
    17: counts.crashes,
    18: model.controllers > 1 ? 1 : 0,
    19: counts.freezes,
    20: clocks.jumps,
    38: checks.drawn(),
  }
  for (const some of [cloud.faults.drawn, storeFaults.drawn, counts.faults, around]) add(faults, some)
  return faults
}

function add(sums: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const key in more) if ((more[key] ?? 0) > 0) sums[key] = (sums[key] ?? 0) + (more[key] ?? 0)
}

function line(event: RolloutEvent, world: World): string {
  const { v: _v, seq, at, rolloutId: _r, fleet: _f, epoch, type, ...rest } = event
  const text = type === 'rollout.started' ? '' : JSON.stringify(rest)
  return `${String(seq).padStart(4)} ${((at - world.beganAt) / 1_000).toFixed(1).padStart(9)} s  e${epoch} ${type} ${text}`
}
