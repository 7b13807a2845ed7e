import type { ServerResponse } from 'node:http'
import type { Cause } from 'imago/testing'
import type { Account } from './account.ts'
import { isRead } from './fate.ts'

/** A call as it came. */
export interface Call<Answer> {
  readonly service: string
  readonly action: string
  readonly cause: Cause
  readonly carryOut: (account: Account) => Answer
}

/**
 * Carries out a call, as its fate is.
 *
 * @returns what is answered; `undefined` when nothing ever is.
 * @throws Fault when it is refused.
 */
export async function carryOut<Answer>(
  account: Account,
  call: Call<Answer>,
  response: ServerResponse,
): Promise<Answer | undefined> {
  const { service, action } = call
  const fate = call.cause.kind === 'person' ? undefined : account.fateOf(service, action)
  if (fate === undefined) return land(account, call)
  if ('refused' in fate) throw fate.refused
  if (!('landsAfterMs' in fate)) {
    const { travelsMs = 0, lagsMs = 0 } = fate
    await travel(account, travelsMs / 2, response)
    const answer = land(account, call, lagsMs)
    await travel(account, travelsMs / 2, response)
    return answer
  }
  for (const ms of fate.landsAfterMs) later(account, ms, () => landLate(account, call))
  hold(account, response)
  if (fate.cutAfterMs !== undefined) later(account, fate.cutAfterMs, () => void response.destroy())
  return undefined
}

/** Reads change nothing that anybody could see, and may show what was; of a change, which finds what is, those who watch the world are told. */
function land<Answer>(account: Account, { action, cause, carryOut: answerFrom }: Call<Answer>, lagsMs = 0): Answer {
  const { world } = account
  if (isRead(action)) return answerFrom(account.asOf(world.now - lagsMs))
  return world.because(cause, () => {
    const answer = answerFrom(account)
    world.record(action)
    return answer
  })
}

/** What is refused as it lands has no effect, and nobody hears of it. */
function landLate<Answer>(account: Account, call: Call<Answer>): void {
  try {
    land(account, call)
  } catch (error) {
    account.world.because(call.cause, () => account.world.record(`${call.action} refused as it landed: ${String(error)}`))
  }
}

function later({ world }: Account, ms: number, run: () => void): void {
  if (ms === 0) run()
  else world.schedule(world.now + ms, run)
}

/** On the way nothing but the world's time brings it on. */
async function travel(account: Account, ms: number, response: ServerResponse): Promise<void> {
  if (ms === 0) return
  account.held.add(response)
  await new Promise<void>((resolve) => {
    account.world.schedule(account.world.now + ms, () => {
      account.held.delete(response)
      resolve()
    })
  })
}

/** Until its line is closed by either side, nothing but the world's time can end this call. */
function hold(account: Account, response: ServerResponse): void {
  account.held.add(response)
  response.once('close', () => account.held.delete(response))
}
