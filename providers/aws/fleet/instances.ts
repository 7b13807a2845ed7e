import type { InstanceView, ReleaseId } from '../../../src/core/snapshot.ts'
import type { Caller } from '../sdk/caller.ts'
import { readPages } from '../sdk/pages.ts'
import type { OutputOf } from '../sdk/services.ts'
import { MARKS, tagged } from '../marks.ts'
import type { AutoScalingGroup } from './groups.ts'
import { stateOf } from './states.ts'

/** An instance as its group lists it. */
export type Member = NonNullable<AutoScalingGroup['Instances']>[number]
/** An instance as EC2 describes it. */
export type Ec2Instance = NonNullable<
  NonNullable<OutputOf<'ec2', 'DescribeInstances'>['Reservations']>[number]['Instances']
>[number]

const INSTANCES_A_PAGE = 1_000

/** All instances of these groups, by id: their addresses, launch times and marks, which Auto Scaling does not tell. */
export async function readInstances(
  caller: Caller,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Ec2Instance>> {
  const filters = [
    { Name: 'tag:aws:autoscaling:groupName', Values: [...groups] },
    // Those that ended are listed for up to an hour more.
    { Name: 'instance-state-name', Values: ['pending', 'running', 'shutting-down', 'stopping', 'stopped'] },
  ]
  const input = { Filters: filters, MaxResults: INSTANCES_A_PAGE }
  const pages = await readPages((next) => caller.call('ec2', 'DescribeInstances', { ...input, ...next }, signal))
  const found = pages.flatMap((page) => page.Reservations ?? []).flatMap((one) => one.Instances ?? [])
  return new Map(found.map((one) => [one.InstanceId ?? '', one]))
}

/** The release that an instance was launched from, as far as it or its group says. */
export interface Origin {
  readonly byVersion: (member: Member) => ReleaseId | undefined
  /** What the group launches, for an instance of which nothing is known yet. */
  readonly fallback: ReleaseId
}

/** An instance as a look shows it; `undefined` when it does not belong to the group (any more). */
export function instanceView(
  group: AutoScalingGroup,
  member: Member,
  ec2: Ec2Instance | undefined,
  { byVersion, fallback }: Origin,
): InstanceView | undefined {
  const { InstanceId: id = '', LifecycleState: lifecycle, HealthStatus: health, AvailabilityZone: zone } = member
  const state = stateOf(lifecycle, health)
  if (state === 'absent') return undefined
  const { PrivateIpAddress: address, LaunchTime: launched = group.CreatedTime, StateReason: reason } = ec2 ?? {}
  const why = reason?.Message ?? (state === 'healthy' ? undefined : `${lifecycle ?? 'no state'}, ${health ?? 'no health'}`)
  return {
    id,
    // A tag that the template places is written with the instance itself, whatever a group says of it later.
    release: tagged(ec2?.Tags, MARKS.release) ?? byVersion(member) ?? fallback,
    state,
    ...(why === undefined ? {} : { reason: why }),
    launchedAt: launched?.getTime() ?? 0,
    ...(zone === undefined ? {} : { zone }),
    ...(address === undefined ? {} : { address: `http://${address}` }),
  }
}
