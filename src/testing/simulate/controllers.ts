import { isRolloutError, rolloutError } from '../../core/errors.ts'
import type { Turn } from '../../engine/turn.ts'
import { randomFate } from './mortal.ts'
import type { SimulatedProcess } from './process.ts'
import { spawn, type Stage } from './stage.ts'

const MOST_TURNS_AT_ONCE = 500
const MOST_EVENTS = 3_000
const MOST_EVENTS_AN_INSTANCE = 50
const LOOKS_APART_MS = 60_000

/**
 * Keeps as many controllers alive as the model says, until the rollout has ended or waits for a person.
 *
 * @returns the outcome; `waiting`; `swept` after a lost store; or `running` when the time is over.
 */
export async function untilEnded(stage: Stage, limitAt: number): Promise<string> {
  const ended = Promise.withResolvers<string>()
  for (let index = 0; index < stage.model.controllers; index++) void keepAlive(stage, index, ended)
  void watchdog(stage, limitAt, ended)
  return await ended.promise
}

async function watchdog(stage: Stage, limitAt: number, ended: PromiseWithResolvers<string>): Promise<void> {
  while (stage.world.now < limitAt) {
    await stage.world.clock.sleep(LOOKS_APART_MS)
    if (stage.swept) return ended.resolve('swept')
    if (stage.calm && waitsForPerson(stage)) return ended.resolve('waiting')
  }
  ended.resolve('running')
}

async function keepAlive(stage: Stage, index: number, ended: PromiseWithResolvers<string>): Promise<void> {
  const { world, model } = stage
  const random = world.random(`fate/${index}`)
  try {
    for (;;) {
      const fate = randomFate(random, model.trouble)
      const { book, rolloutId } = stage
      const process = spawn(stage, `controller-${index}`, {
        // With its store a controller is of no use any more, and somebody ends it.
        dies: (name, moment) => stage.book !== book || (!stage.calm && fate.dies(name, moment)),
        freezesMs: (name) => (stage.calm ? 0 : (fate.freezesMs?.(name) ?? 0)),
      })
      const driven = rolloutId === undefined ? undefined : driveOnce(stage, process, rolloutId)
      const outcome = await Promise.race([driven, process.life.death])
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

/** Turn after turn in one instant, or change after change, would never end. */
function noteTurn({ counts, world, book, spec }: Stage, turn: Turn): void {
  counts.turns++
  if (world.now !== counts.turnAt) counts.turnsNow = 0
  counts.turnAt = world.now
  if (++counts.turnsNow >= MOST_TURNS_AT_ONCE)
    throw endless(`${counts.turnsNow} turns in one instant, waiting for ${JSON.stringify(turn.waitingFor)}`)
  if (book.journal.length > MOST_EVENTS + MOST_EVENTS_AN_INSTANCE * spec.size)
    throw endless(`${book.journal.length} events, and no end`)
}

function endless(why: string) {
  return rolloutError('host-unfit', why, { why })
}

function waitsForPerson({ book: { journal } }: Stage): boolean {
  let paused = false
  for (const event of journal) {
    if (event.type === 'rollout.paused') paused = true
    if (event.type === 'rollout.resumed' || event.type === 'rollback.started' || event.type === 'rollout.aborting') paused = false
  }
  return paused
}
