import type { HoldView } from './snapshot.ts'

/** What stands of a hold in a mark that has room for a line; the store has a mark of its own. */
export type HoldText = Pick<HoldView, 'owner' | 'epoch' | 'expiresAt' | 'previousMin'>

/** A hold as words, with those that a provider adds. @param owner as the mark says it. */
export function writeHold({ owner, epoch, expiresAt, previousMin }: HoldText, more: readonly string[] = []): string {
  const min = previousMin === undefined ? [] : [`min=${previousMin}`]
  return [`owner=${owner}`, `epoch=${epoch}`, `until=${new Date(expiresAt).toISOString()}`, ...min, ...more].join(' ')
}

/** What such words say, and those that core does not know; nothing when they were not written by imago. */
export function readHold(text: string): { readonly hold: HoldText; readonly more: ReadonlyMap<string, string> } | undefined {
  const words = new Map(text.split(' ').map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]))
  const [owner, until, min] = [words.get('owner'), words.get('until'), words.get('min')]
  if (owner === undefined || until === undefined) return undefined
  const before = min === undefined ? {} : { previousMin: Number(min) }
  return { hold: { owner, epoch: Number(words.get('epoch')), expiresAt: Date.parse(until), ...before }, more: words }
}
