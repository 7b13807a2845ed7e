import type { Rollout } from 'imago'
import type { World } from 'imago/testing'
import { drive } from './turns.ts'
import { UNHEARD, UNSENT, type CallFate } from './wire/fate.ts'

/** It is carried out when much has been done since, within what the adapters declare. */
const LATE: CallFate = { landsAfterMs: [50_000], cutAfterMs: 0 }

const FATES = { 'never arrives': UNSENT, 'is carried out unheard': UNHEARD, 'lands late': LATE } as const

/** What becomes of one request: it is lost, its answer is lost, or it lands when it had been given up. */
export type Loss = keyof typeof FATES
export const LOSSES = Object.keys(FATES) as Loss[]

/** A cloud, as far as its changes can get lost. */
interface Lossy {
  readonly world: World
  /** From now on every request that changes something comes to this. */
  readonly befall: (fateOf: FateOf) => void
}

/** What becomes of a request, by its name. */
export type FateOf = (name: string) => CallFate | undefined

/** The group that is retired, which request of that comes to the loss, from 1, and how it is lost. */
interface Blow {
  readonly group: string
  readonly at: number
  readonly loss: Loss
}

/**
 * Drives a rollout to its end that somebody aborts in the middle of a retirement: as soon as nobody knows what became of a request of it.
 * Whatever may land late has landed then.
 *
 * @returns the name of that request; `undefined` where there were not so many.
 */
export async function abortInRetirement({ world, befall }: Lossy, rollout: Rollout, { group, at, loss }: Blow) {
  let [retirement, sent, lost]: [string, number, string | undefined] = ['', 0, undefined]
  const aborted: Promise<void>[] = []
  rollout.on('command.intended', ({ id, command }) => {
    if (command.kind === 'retire' && command.group === group) retirement = id
  })
  rollout.on('command.unknown', ({ id }) => {
    if (id === retirement && aborted.length === 0) aborted.push(rollout.abort({ reason: 'what is left shall stay' }))
  })
  befall((name) => {
    if (retirement === '' || lost !== undefined || ++sent < at) return undefined
    lost = name
    return FATES[loss]
  })
  await drive({ world }, rollout)
  await Promise.all(aborted)
  world.runUntil(world.now + 60_000)
  return lost
}
