import type { CallFailureClass } from '../../../src/core/errors.ts'

/** What the text of a failed activity says was the matter; the first that matches. AWS gives no codes here, only these sentences. */
const SENTENCES: readonly (readonly [RegExp, CallFailureClass])[] = [
  [/do(?:es)? not have sufficient .* capacity|no Spot capacity available|Spot request price/i, 'capacity'],
  [/InsufficientInstanceCapacity|UnfulfillableCapacity|ReservationCapacityExceeded|InsufficientFreeAddresses/i, 'capacity'],
  [/instance\(s\) are already running|current instance limit|more instances .* than your|LimitExceeded|vCPU limit/i, 'quota'],
  [/is pending, and cannot be run/i, 'transient'],
  [/Lifecycle Action .* (?:was abandoned|timed out)|Lifecycle Action with token/i, 'transient'],
  [/health check/i, 'transient'],
  [/not authorized|UnauthorizedOperation|AccessDenied/i, 'denied'],
]

/** What a failed launch was due to: what no sentence tells is a setting that AWS does not accept. */
export function classOf(text: string): CallFailureClass {
  return SENTENCES.find(([sentence]) => sentence.test(text))?.[1] ?? 'invalid'
}
