import { isRolloutError, rolloutError } from '../../core/errors.ts'
import type { RolloutEvent } from '../../core/events.ts'
import type { Plan } from '../../core/plan.ts'
import type { Rollout } from '../../engine/rollout.ts'
import type { Turn } from '../../engine/turn.ts'
import { drive, type World } from '../world/index.ts'
import { watch, type Scene, type Verdicts, type Violation } from './checkers/index.ts'
import { meddle } from './meddle.ts'
import { randomFate, UNHARMED } from './mortal.ts'
import type { SimulatedProcess } from './process.ts'
import { SETTLING_MS, type Scenario } from './scenario.ts'
import { setStage, spawn, type Stage } from './stage.ts'

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
const MOST_TURNS_AT_ONCE = 500

/** Runs the real engine over one drawn scenario, with every checker watching. */
export async function runScenario(scenario: Scenario): Promise<RunResult> {
  const stage = setStage(scenario)
  const { world } = stage
  world.runUntil(world.now + SETTLING_MS)
  const planner = spawn(stage, 'planner', UNHARMED)
  const started = await drive(world, planAndStart(stage, planner), world.now + HOUR_MS)
  if (started === undefined) return resultOf(stage, 'not started', undefined)
  const scene = sceneOf(stage, started.plan)
  const verdicts = watch(scenario.seed, scene)
  meddle(stage, started.rollout)
  world.schedule(world.now + scenario.faultsMs, () => endFaults(stage))
  const limitAt =
    world.now + scenario.faultsMs + HOUR_MS + 2 * started.plan.estimates.reduce((sum, one) => sum + one.earliestMs, 0)
  const outcome = await drive(world, untilEnded(stage, started.rollout, limitAt), limitAt + HOUR_MS)
  verdicts.findings.met('I20')
  if (outcome === 'running')
    verdicts.findings.broken('I20', 'it had not ended, nor did it wait for a person, long after the faults')
  verdicts.atEnd()
  return resultOf(stage, outcome, verdicts)
}

async function planAndStart(stage: Stage, { fleet }: SimulatedProcess): Promise<{ plan: Plan; rollout: Rollout } | undefined> {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      const plan = await fleet.plan({ image: 'img-2', strategy: stage.scenario.strategy })
      return { plan, rollout: await fleet.start(plan, { by: 'simulator' }) }
    } catch (error) {
      if (!isRolloutError(error)) throw error
      await stage.world.clock.sleep(60_000)
    }
  }
  return undefined
}

function sceneOf(stage: Stage, plan: Plan): Scene {
  const { world, cloud, journal, calls } = stage
  const bystanderId = [...cloud.truth.fleets.keys()].find((id) => id !== plan.fleet.id) ?? ''
  return { world, truth: cloud.truth, fleetId: plan.fleet.id, bystanderId, plan, journal, calls }
}

/** After this nothing goes wrong any more, and what a pause left waiting is let go on. */
function endFaults(stage: Stage): void {
  stage.calm = true
  stage.cloud.faults.stop()
  stage.storeFaults.stop()
}

/** Keeps as many controllers alive as the scenario says, until the rollout has ended or waits for a person. */
async function untilEnded(stage: Stage, rollout: Rollout, limitAt: number): Promise<string> {
  const ended = Promise.withResolvers<string>()
  for (let index = 0; index < stage.scenario.controllers; index++) void keepAlive(stage, rollout.id, index, ended)
  const watchdog = async () => {
    while (stage.world.now < limitAt) {
      await stage.world.clock.sleep(60_000)
      if (stage.calm && waitsForPerson(stage)) return ended.resolve('waiting')
    }
    ended.resolve('running')
  }
  void watchdog().catch(ended.reject)
  return await ended.promise
}

async function keepAlive(stage: Stage, id: string, index: number, ended: PromiseWithResolvers<string>): Promise<void> {
  const { world, scenario } = stage
  const random = world.random(`fate/${index}`)
  try {
    for (;;) {
      const fate = randomFate(random, scenario.deaths)
      const process = spawn(stage, `controller-${index}`, { dies: (name, moment) => !stage.calm && fate.dies(name, moment) })
      const outcome = await Promise.race([driveOnce(stage, process, id), untilDead(stage, process)])
      if (outcome !== undefined) return ended.resolve(outcome)
      await world.clock.sleep(random.whole(0, 60_000))
    }
  } catch (error) {
    ended.reject(error)
  }
}

async function driveOnce(stage: Stage, process: SimulatedProcess, id: string): Promise<string | undefined> {
  try {
    const rollout = await process.imago.rollout(id)
    const report = await rollout.run({ onTurn: (turn) => noteTurn(stage, turn) })
    return report.outcome
  } catch (error) {
    if (isRolloutError(error) && error.code !== 'host-unfit') return undefined
    throw error
  }
}

/** Turn after turn in one instant would never end. */
function noteTurn({ counts, world }: Stage, turn: Turn): void {
  counts.turns++
  if (world.now !== counts.turnAt) counts.turnsNow = 0
  counts.turnAt = world.now
  if (++counts.turnsNow < MOST_TURNS_AT_ONCE) return
  const why = `${counts.turnsNow} turns in one instant, waiting for ${JSON.stringify(turn.waitingFor)}`
  throw rolloutError('host-unfit', why, { why })
}

async function untilDead({ world }: Stage, { life }: SimulatedProcess): Promise<undefined> {
  while (life.alive) await world.clock.sleep(5_000)
  return undefined
}

function waitsForPerson({ journal }: Stage): boolean {
  let paused = false
  for (const event of journal) {
    if (event.type === 'rollout.paused') paused = true
    if (event.type === 'rollout.resumed' || event.type === 'rollback.started' || event.type === 'rollout.aborting') paused = false
  }
  return paused
}

function resultOf(stage: Stage, outcome: string, verdicts: Verdicts | undefined): RunResult {
  const { scenario, cloud, storeFaults, counts, journal, world } = stage
  const faults = { ...cloud.faults.drawn }
  for (const [fault, times] of Object.entries(storeFaults.drawn)) faults[Number(fault)] = (faults[Number(fault)] ?? 0) + times
  if (counts.crashes > 0) faults[17] = counts.crashes
  if (scenario.controllers > 1) faults[18] = 1
  return {
    seed: scenario.seed,
    outcome,
    turns: counts.turns,
    crashes: counts.crashes,
    faults,
    checks: verdicts?.checks ?? {},
    excused: verdicts?.excused ?? [],
    violations: verdicts?.violations ?? [],
    journal,
    trace: () => `${journal.map((event) => line(event, world)).join('\n')}\n\n${String(world.trace)}`,
  }
}

function line(event: RolloutEvent, world: World): string {
  const { v: _v, seq, at, rolloutId: _r, fleet: _f, epoch, type, ...rest } = event
  const text = type === 'rollout.started' ? '' : JSON.stringify(rest)
  return `${String(seq).padStart(4)} ${((at - (world.trace.entries[0]?.at ?? 0)) / 1_000).toFixed(1).padStart(9)} s  e${epoch} ${type} ${text}`
}
