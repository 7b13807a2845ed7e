import { createFailureCounter, type FailureCounter } from './fleet/failures.ts'
import { createGroupReader, type GroupReader } from './fleet/group-reader.ts'
import { createInstanceReader, type InstanceReader } from './fleet/instances.ts'
import { createTemplateReader, type TemplateReader } from './launch/templates.ts'
import { createTagReader, type TagReader } from './router/tags.ts'
import { createTargetGroupReader, type TargetGroupReader } from './router/target-groups.ts'
import { checkAccess, type AwsAccess } from './sdk/access.ts'
import { createBuckets } from './sdk/buckets.ts'
import { machineClock } from './sdk/clock.ts'
import { createCaller, type Caller } from './sdk/caller.ts'

/** A region of an account: what everything that works in it shares. */
export interface Region {
  readonly name: string
  readonly caller: Caller
  readonly templates: TemplateReader
  readonly failures: FailureCounter
  readonly groups: GroupReader
  /** Ids of fleets whose first group is known to be gone. */
  readonly goneGroups: Set<string>
  readonly instances: InstanceReader
  readonly targetGroups: TargetGroupReader
  readonly tags: TagReader
  /** Epoch milliseconds: whether a mark has run out. */
  now(): number
}

/** Nothing is loaded or called until something is asked for. @throws RolloutError `spec-invalid`. */
export function openRegion(access: AwsAccess): Region {
  checkAccess(access)
  const clock = access.clock ?? machineClock
  const caller = createCaller(access, createBuckets(clock))
  return {
    name: access.region,
    caller,
    templates: createTemplateReader(caller),
    failures: createFailureCounter(caller),
    groups: createGroupReader(caller, clock),
    goneGroups: new Set(),
    instances: createInstanceReader(caller),
    targetGroups: createTargetGroupReader(caller),
    tags: createTagReader(caller),
    now: clock.now,
  }
}
