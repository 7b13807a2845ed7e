import { setImmediate as nextTurn } from 'node:timers/promises'
import { readingTogether, type Together } from '../../src/core/together.ts'
import { createFailureCounter, type FailureCounter } from './fleet/failures.ts'
import { createRepairWatch, type RepairWatch } from './fleet/repairs.ts'
import type { ScaleSet } from './fleet/set.ts'
import { createSizeReader, type SizeReader } from './images/sizes.ts'
import { checkAccess, type AzureAccess } from './sdk/access.ts'
import { createCaller, type Caller } from './sdk/caller.ts'

/** A resource group of a subscription: what everything that works in it shares. */
export interface ResourceGroup {
  readonly subscription: string
  readonly name: string
  readonly caller: Caller
  /** For reads that several are likely to want at once: Azure lets each set be listed ten times a minute. */
  readonly together: Together
  /** Sets as they were read last, with all that they launch. */
  readonly profiles: Map<string, ScaleSet>
  readonly failures: FailureCounter
  readonly repairs: RepairWatch
  readonly sizes: SizeReader
  /** Epoch milliseconds: whether an image has reached the end of its life. */
  now(): number
}

/** Nothing is loaded or called until something is asked for. @throws RolloutError `spec-invalid`. */
export function openResourceGroup(access: AzureAccess): ResourceGroup {
  checkAccess(access)
  const caller = createCaller(access)
  const { now } = access.clock ?? { now: Date.now }
  return {
    subscription: access.subscription,
    name: access.resourceGroup,
    caller,
    together: readingTogether(nextTurn),
    profiles: new Map(),
    failures: createFailureCounter(),
    repairs: createRepairWatch(),
    sizes: createSizeReader(caller, now),
    now,
  }
}
