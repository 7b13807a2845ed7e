import type { AutoScalingGroup } from '../fleet/group.ts'

/**
 * Those of the victims that Auto Scaling may not come to as the size falls. It shrinks the fullest zone first, and its pages can be read as
 * that it shrinks no other, though all that is there be protected.
 *
 * Source: the page of Amazon EC2 Auto Scaling on termination policies: balance between zones comes before any of them.
 */
export function keptByZones({ Instances: instances = [] }: AutoScalingGroup, victims: readonly string[]): string[] {
  const staying = instances.filter((one) => one.LifecycleState?.startsWith('Terminating') !== true)
  const zones = new Map(staying.map((one) => [one.InstanceId ?? '', one.AvailabilityZone ?? '']))
  const load = new Map<string, number>()
  for (const zone of zones.values()) load.set(zone, (load.get(zone) ?? 0) + 1)
  const left = new Set(victims)
  for (const _one of victims) {
    const fullest = Math.max(...load.values())
    const next = [...left].find((id) => load.get(zones.get(id) ?? '') === fullest)
    if (next === undefined) break
    load.set(zones.get(next) ?? '', fullest - 1)
    left.delete(next)
  }
  return [...left]
}
