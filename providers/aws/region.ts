import { createFailureCounter, type FailureCounter } from './fleet/failures.ts'
import { createTemplateReader, type TemplateReader } from './launch/templates.ts'
import { checkAccess, type AwsAccess } from './sdk/access.ts'
import { createCaller, type Caller } from './sdk/caller.ts'

/** A region of an account: what everything that works in it shares. */
export interface Region {
  readonly name: string
  readonly caller: Caller
  readonly templates: TemplateReader
  readonly failures: FailureCounter
  /** Epoch milliseconds: whether a mark has run out. */
  now(): number
}

/** Nothing is loaded or called until something is asked for. @throws RolloutError `spec-invalid`. */
export function openRegion(access: AwsAccess): Region {
  checkAccess(access)
  const caller = createCaller(access)
  return {
    name: access.region,
    caller,
    templates: createTemplateReader(caller),
    failures: createFailureCounter(caller),
    now: access.now ?? Date.now,
  }
}
