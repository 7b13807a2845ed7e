import type { ServerResponse } from 'node:http'
import type { Cause, World } from 'imago/testing'
import type { CallFate } from './fate.ts'

/** What a wire server stands before: a cloud on a world. */
export interface Served<Cloud> {
  readonly world: World
  /** Lines of calls that only the world's time brings on. */
  readonly held: Set<object>
  /** How it was at a moment, for whoever reads of it; itself when nothing has changed since, or nobody has it remember. */
  asOf(moment: number): Cloud
}

/** A call as it came. */
export interface Call<Cloud, Answer> {
  readonly action: string
  /** Whether it changes nothing. */
  readonly isRead: boolean
  readonly cause: Cause
  readonly carryOut: (cloud: Cloud) => Answer
}

/**
 * Carries out a call, as its fate is.
 *
 * @returns what is answered; `undefined` when nothing ever is.
 * @throws whatever it is refused with.
 */
export async function carryOut<Cloud extends Served<Cloud>, Answer>(
  cloud: Cloud,
  call: Call<Cloud, Answer>,
  fate: CallFate | undefined,
  response: ServerResponse,
): Promise<Answer | undefined> {
  if (fate === undefined) return land(cloud, call)
  if ('refused' in fate) throw fate.refused
  if (!('landsAfterMs' in fate)) {
    const { travelsMs = 0, lagsMs = 0 } = fate
    await holdFor(cloud, travelsMs / 2, response)
    const answer = land(cloud, call, lagsMs)
    await holdFor(cloud, travelsMs / 2, response)
    return answer
  }
  for (const ms of fate.landsAfterMs) later(cloud, ms, () => landLate(cloud, call))
  hold(cloud, response)
  if (fate.cutAfterMs !== undefined) later(cloud, fate.cutAfterMs, () => void response.destroy())
  return undefined
}

/** Reads change nothing that anybody could see, and may show what was; of a change, which finds what is, those who watch the world are told. */
function land<Cloud extends Served<Cloud>, Answer>(
  cloud: Cloud,
  { action, isRead, cause, carryOut: answerFrom }: Call<Cloud, Answer>,
  lagsMs = 0,
): Answer {
  const { world } = cloud
  if (isRead) return answerFrom(cloud.asOf(world.now - lagsMs))
  return world.because(cause, () => {
    const answer = answerFrom(cloud)
    world.record(action)
    return answer
  })
}

/** What is refused as it lands has no effect, and nobody hears of it. */
function landLate<Cloud extends Served<Cloud>, Answer>(cloud: Cloud, call: Call<Cloud, Answer>): void {
  try {
    land(cloud, call)
  } catch (error) {
    cloud.world.because(call.cause, () => cloud.world.record(`${call.action} refused as it landed: ${String(error)}`))
  }
}

function later<Cloud>({ world }: Served<Cloud>, ms: number, run: () => void): void {
  if (ms === 0) run()
  else world.schedule(world.now + ms, run)
}

/** For so long nothing but the world's time brings a call on. */
export async function holdFor<Cloud>({ world, held }: Served<Cloud>, ms: number, response: object): Promise<void> {
  if (ms <= 0) return
  held.add(response)
  await new Promise<void>((resolve) => {
    world.schedule(world.now + ms, () => {
      held.delete(response)
      resolve()
    })
  })
}

/** Until its line is closed by either side, nothing but the world's time can end this call. */
function hold<Cloud>({ held }: Served<Cloud>, response: ServerResponse): void {
  held.add(response)
  response.once('close', () => held.delete(response))
}
