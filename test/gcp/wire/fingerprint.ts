import { createHash } from 'node:crypto'
import { stale } from './fault.ts'
import type { GroupRecord } from './project.ts'

/** A fingerprint of anything that can be written. */
export function print(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest().subarray(0, 8).toString('base64')
}

/** Changes with what people may write of a group. */
export function groupPrint({ versions, targetSize, updateType, description, redistribution, ...policy }: GroupRecord): string {
  const { minimalAction, mostDisruptive, replacementMethod, surge, unavailable } = policy
  const updates = [updateType, minimalAction, mostDisruptive, replacementMethod, surge, unavailable]
  return print([versions, targetSize, updates, description, redistribution])
}

/** A fingerprint is bytes: in which of the two alphabets of Base64 they are sent is one. @throws Fault 412 when it is of something else. */
export function checkPrint(read: unknown, now: string): void {
  if (typeof read !== 'string' || !Buffer.from(read, 'base64').equals(Buffer.from(now, 'base64'))) throw stale()
}
