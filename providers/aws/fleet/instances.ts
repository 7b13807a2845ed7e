import type { InstanceView, ReleaseId } from '../../../src/core/snapshot.ts'
import type { Caller } from '../sdk/caller.ts'
import { readPages } from '../sdk/pages.ts'
import type { OutputOf } from '../sdk/services.ts'
import { MARKS, tagged } from '../marks.ts'
import { nameOf, type AutoScalingGroup } from './group.ts'
import { stateOf } from './states.ts'

/** An instance as its group lists it. */
export type Member = NonNullable<AutoScalingGroup['Instances']>[number]
/** An instance as EC2 describes it. */
export type Ec2Instance = NonNullable<
  NonNullable<OutputOf<'ec2', 'DescribeInstances'>['Reservations']>[number]['Instances']
>[number]

const INSTANCES_A_PAGE = 1_000

/** Tells of instances what Auto Scaling does not: their addresses, launch times and marks. None of it changes: each is read once. */
export interface InstanceReader {
  /** By id; one that EC2 does not know yet is left out. */
  read(groups: readonly AutoScalingGroup[], signal: AbortSignal): Promise<ReadonlyMap<string, Ec2Instance>>
}

/** So many are remembered; the oldest are forgotten first. */
const REMEMBERED = 50_000

/** Makes a reader that has read nothing yet. */
export function createInstanceReader(caller: Caller): InstanceReader {
  const known = new Map<string, Ec2Instance>()
  return {
    async read(groups, signal) {
      const strange = groups.filter((one) => (one.Instances ?? []).some(({ InstanceId: id = '' }) => !known.has(id)))
      if (strange.length > 0)
        for (const one of await readInstances(caller, strange.map(nameOf), signal)) {
          known.set(one.InstanceId ?? '', one)
          if (known.size > REMEMBERED) known.delete(known.keys().next().value!)
        }
      return known
    },
  }
}

async function readInstances(caller: Caller, groups: readonly string[], signal: AbortSignal): Promise<Ec2Instance[]> {
  const filters = [
    { Name: 'tag:aws:autoscaling:groupName', Values: [...groups] },
    // Those that ended are listed for up to an hour more.
    { Name: 'instance-state-name', Values: ['pending', 'running', 'shutting-down', 'stopping', 'stopped'] },
  ]
  const input = { Filters: filters, MaxResults: INSTANCES_A_PAGE }
  const pages = await readPages((next) => caller.call('ec2', 'DescribeInstances', { ...input, ...next }, signal))
  return pages.flatMap((page) => page.Reservations ?? []).flatMap((one) => one.Instances ?? [])
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
