import type { Caller } from '../sdk/caller.ts'
import type { AutoScalingGroup } from '../fleet/group.ts'
import type { LaunchData } from '../launch/templates.ts'
import type { Ami } from './find.ts'

/** Why instances of this group cannot be launched from this image with these settings; empty when they can, as far as can be told before. */
export async function obstaclesOf(
  caller: Caller,
  image: Ami,
  data: LaunchData,
  group: AutoScalingGroup,
  signal: AbortSignal,
): Promise<string[]> {
  const types = instanceTypes(data, group)
  return [...stateObstacles(image), ...(await architectureObstacles(caller, image, types, signal))]
}

/** What the image itself says. */
function stateObstacles({ ImageId: id, State: state, StateReason: reason }: Ami): string[] {
  if (state === 'available') return []
  return [`${id} is ${state ?? 'in no state'}, not available${reason?.Message === undefined ? '' : `: ${reason.Message}`}`]
}

/** Every instance type that a group may launch: its template's, and those of its mixed instances policy. */
export function instanceTypes(data: LaunchData, { MixedInstancesPolicy: mixed }: AutoScalingGroup): string[] {
  const overrides = mixed?.LaunchTemplate?.Overrides?.flatMap((one) => one.InstanceType ?? []) ?? []
  return overrides.length > 0 ? [...new Set(overrides)] : data.InstanceType === undefined ? [] : [data.InstanceType]
}

async function architectureObstacles(
  caller: Caller,
  image: Ami,
  types: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  if (types.length === 0 || image.Architecture === undefined) return []
  const input = { InstanceTypes: types as never[] }
  const { InstanceTypes: known = [] } = await caller.call('ec2', 'DescribeInstanceTypes', input, signal)
  return known.flatMap(({ InstanceType: type, ProcessorInfo: processor }) => {
    const supported: readonly string[] = processor?.SupportedArchitectures ?? []
    if (supported.includes(image.Architecture ?? '')) return []
    return [`${image.ImageId} is for ${image.Architecture}, ${type} runs ${supported.join(', ') || 'nothing known'}`]
  })
}
