import { createLife, type Fate, type Life, type World } from 'imago/testing'
import { share } from './share.ts'

/** What happens at one change that the processes of a course ask a cloud for, from 1. */
export interface Blow {
  readonly at: number
  readonly kind: 'dies before' | 'dies after' | 'loses the answer'
}

/** Where a course ended. */
export interface End {
  readonly outcome: string
  /** All that the cloud has, without times and ids. */
  readonly state: string
  /** Machines that were launched. @default - not judged */
  readonly launched?: number
  /** Changes that the cloud was asked for, in order. */
  readonly changes: readonly string[]
}

/** Goes through a course with one blow, or unharmed, to its end. */
export type Course = (blow?: Blow) => Promise<End>

/** What is wrong with the ends of a course that was struck at a share of its changes, in each of the three ways. */
export async function faultsOf(course: Course, ofSoMany: number): Promise<string[]> {
  const unharmed = await course()
  const faults: string[] = []
  for (const blow of share(blowsOf(unharmed), ofSoMany)) {
    const found = await faultOf(course, unharmed, blow)
    if (found !== undefined) faults.push(found)
  }
  return faults
}

/** Every blow of a course that was gone through unharmed. */
function blowsOf({ changes }: End): Blow[] {
  const kinds = ['dies before', 'dies after', 'loses the answer'] as const
  return kinds.flatMap((kind) => changes.map((_, index) => ({ at: index + 1, kind })))
}

/** What is wrong with the end of a course that was struck; `undefined` when it is the end of the unharmed one. */
export async function faultOf(course: Course, unharmed: End, blow: Blow): Promise<string | undefined> {
  const where = `${blow.kind} at ${blow.at}, ${unharmed.changes[blow.at - 1]}`
  const struck = await course(blow)
  if (struck.outcome !== unharmed.outcome) return `${where}: ${struck.outcome} instead of ${unharmed.outcome}`
  // What never gets well a cloud replaces by itself, for as long as it is there.
  const counts = unharmed.outcome === 'promoted'
  if (counts && struck.launched !== unharmed.launched)
    return `${where}: ${struck.launched} machines instead of ${unharmed.launched}`
  return struck.state === unharmed.state ? undefined : `${where}: it ended as\n${struck.state}\ninstead of\n${unharmed.state}`
}

/** Where processes live, and how it goes on. */
interface Site {
  readonly world: World
  drive<T>(promise: Promise<T>): Promise<T>
}

/** Until nobody believes any more that the process which died is at work. */
const LEASE_MS = 31_000

/**
 * Processes one after the other, until one of them sees the end.
 *
 * @param changes every change that they ask for is added to it.
 * @param changeNamed the name of a change, of a call that is one; store and cloud call through the same life.
 * @param runs starts a process, and runs it to its end.
 */
export async function throughDeaths(
  { world, drive }: Site,
  { blow, changes, changeNamed }: Struck,
  runs: (life: Life, name: string) => Promise<string | undefined>,
): Promise<string> {
  const fate = fateOf(blow, changes, changeNamed)
  for (let count = 1; ; count++) {
    const life = createLife(world, fate, () => undefined)
    const outcome = await drive(Promise.race([runs(life, `driver-${count}`), life.death]))
    if (outcome !== undefined) return outcome
    world.runUntil(world.now + LEASE_MS)
  }
}

interface Struck {
  readonly blow: Blow | undefined
  readonly changes: string[]
  changeNamed(call: string): string | undefined
}

/** Strikes once; a course counts on whoever drives it. */
function fateOf(blow: Blow | undefined, changes: string[], changeNamed: Struck['changeNamed']): Fate {
  const strikes = (call: string, kind: Blow['kind']) =>
    changeNamed(call) !== undefined && blow?.kind === kind && changes.length === blow.at
  return {
    dies(call, moment) {
      const change = changeNamed(call)
      if (moment === 'before' && change !== undefined) changes.push(change)
      return strikes(call, moment === 'before' ? 'dies before' : 'dies after')
    },
    loses: (call) => strikes(call, 'loses the answer'),
  }
}
