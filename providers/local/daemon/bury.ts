import type { CallFailureClass } from '../../../src/core/errors.ts'
import type { At } from '../../../src/core/snapshot.ts'
import type { CloudState, GroupRecord, InstanceRecord } from './state.ts'

/** Why an instance is gone, or cannot be. */
export interface Death {
  readonly instance: string
  readonly class: CallFailureClass
  readonly message: string
  /** It never ran, and that is nobody's failure. @default false */
  readonly blameless?: boolean
}

const FIRST_BACKOFF_MS = 250
const LONGEST_BACKOFF_MS = 30_000
/** An instance that was healthy for so long died of something new. */
const PROVEN_AFTER_MS = 10_000

/** Takes a dead instance out of its group. One that was not being removed is a failure, and its place is filled after a backoff. */
export function bury(state: CloudState, death: Death, now: At): InstanceRecord | undefined {
  const group = Object.values(state.groups).find((one) => one.instances.some(({ id }) => id === death.instance))
  const instance = group?.instances.find(({ id }) => id === death.instance)
  if (group === undefined || instance === undefined) return undefined
  group.instances = group.instances.filter((one) => one !== instance)
  for (const member of membershipsOf(state, group)) {
    if (member.left !== 'all') member.left = member.left.filter((id) => id !== instance.id)
  }
  if (instance.removing === undefined && death.blameless !== true) mourn(group, instance, death, now)
  return instance
}

/** Counts a failure of a group with its reason. */
export function countFailure(group: GroupRecord, failure: Pick<Death, 'class' | 'message'>): void {
  group.failures = { count: group.failures.count + 1, last: { class: failure.class, message: failure.message } }
}

function mourn(group: GroupRecord, instance: InstanceRecord, death: Death, now: At): void {
  countFailure(group, death)
  const proven = instance.healthyAt !== undefined && now - instance.healthyAt >= PROVEN_AFTER_MS
  const deaths = proven ? 1 : group.backoff.deaths + 1
  group.backoff = { deaths, until: now + Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (deaths - 1)) }
  if (instance.release !== group.release) replaceByLaunchRelease(group, instance)
}

/** As in any cloud, what fills the place of a dead instance is launched from the group's launch release of now. */
function replaceByLaunchRelease(group: GroupRecord, instance: InstanceRecord): void {
  const before = group.sizes[instance.release] ?? 0
  const living = group.instances.filter((one) => one.release === instance.release && one.removing === undefined).length
  // A place that was given up meanwhile is not filled again.
  if (before <= living) return
  group.sizes[instance.release] = before - 1
  group.sizes[group.release] = (group.sizes[group.release] ?? 0) + 1
  group.version += 1
}

function membershipsOf(state: CloudState, group: GroupRecord) {
  const pools = Object.values(state.services).flatMap((service) => service.pools)
  return pools.flatMap((pool) => pool.members[group.id] ?? [])
}
