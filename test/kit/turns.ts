import type { Rollout } from 'imago'
import type { World } from 'imago/testing'

/** Whatever has a world whose time passes when it is told to. */
interface Timed {
  readonly world: World
}

/** Turn after turn, for as many as are given or until it has ended. @param paceMs how often turns are taken, at most. */
export async function drive({ world }: Timed, rollout: Rollout, turns = 600, paceMs = 1_000): Promise<void> {
  for (let turn = 0; turn < turns && rollout.state.phase !== 'done'; turn++) {
    const { wakeAt } = await rollout.tick()
    world.runUntil(Math.max(wakeAt, world.now + paceMs))
  }
}

/** Turn after turn until something is so; it fails after 900. */
export async function driveUntil(site: Timed, rollout: Rollout, isThere: () => boolean): Promise<void> {
  for (let turn = 0; turn < 900; turn++) {
    if (isThere()) return
    await drive(site, rollout, 1)
  }
  throw new Error('It has not come to that in 900 turns.')
}

/** What a rollout that was paused in the middle of its work came to. */
interface Rested {
  /** What ran when all had come to rest, and two minutes later. */
  readonly left: readonly (readonly string[])[]
  /** What its updater said meanwhile. */
  readonly says: string | undefined
  readonly outcome: string | undefined
}

/** Pauses a rollout as soon as so many instances run the new image, and resumes it when all has come to rest. */
export async function restMidway(site: Timed, rollout: Rollout, { running, image, count, says }: Midway): Promise<Rested> {
  await driveUntil(site, rollout, () => running().filter((one) => one === image).length === count)
  await rollout.pause({ reason: 'lunch' })
  await drive(site, rollout, 20)
  const [before, said] = [running(), says()]
  site.world.runUntil(site.world.now + 120_000)
  const left = [before, running()]
  await rollout.resume()
  await drive(site, rollout)
  return { left, says: said, outcome: rollout.state.outcome }
}

/** When a rollout is paused, and what is asked meanwhile. */
interface Midway {
  /** The images that instances run which are not on their way out. */
  readonly running: () => string[]
  readonly image: string
  readonly count: number
  readonly says: () => string | undefined
}
