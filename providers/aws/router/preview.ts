import { callFailed } from '../../../src/core/errors.ts'
import type { Preview } from '../../../src/core/snapshot.ts'
import type { Caller } from '../sdk/caller.ts'
import type { Forward } from './listeners.ts'
import { writeForward } from './rules.ts'

/** A rule that is pointed at a generation which has no traffic yet, and where requests to it go. */
export interface PreviewWay extends Preview {
  /** The rule's ARN; left out for the listener's default action. */
  readonly rule?: string | undefined
  readonly listener: string
}

/** The preview rule among those that were read. @throws RolloutError `call-failed` of class `not-found`. */
export function previewIn({ rule, listener }: PreviewWay, all: readonly Forward[], call: string): Forward {
  const found = all.find((one) => (rule === undefined ? one.listener === listener && one.isDefault : one.rule === rule))
  if (found !== undefined) return found
  throw callFailed('not-found', call, `The preview ${rule ?? listener} is not there, or forwards to no target group.`)
}

/** Points a preview at a target group, alone. */
export async function pointAt(caller: Caller, preview: Forward | undefined, arn: string, signal: AbortSignal): Promise<void> {
  if (preview === undefined || isPointedAt(preview, arn)) return
  await writeForward(caller, preview, new Map([[arn, 1]]), signal)
}

/** Whether a preview leads to a target group and to no other. */
export function isPointedAt(preview: Forward | undefined, arn: string | undefined): boolean {
  return preview !== undefined && arn !== undefined && preview.weights.size === 1 && preview.weights.has(arn)
}
