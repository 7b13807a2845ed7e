import type { FleetSnapshot } from './snapshot.ts'

/** Something about a fleet that is not as it is said to be. */
export interface Drift {
  /** A group, an instance, a route. */
  readonly what: string
  readonly found: string
  readonly expected: string
}

/** What in a look does not fit together: instances of another release than their group's, unclaimed holds, weight on nothing. */
export function driftOf(snapshot: FleetSnapshot): readonly Drift[] {
  const drift: Drift[] = []
  for (const group of snapshot.groups) {
    for (const instance of group.instances) {
      if (instance.state === 'terminating' || (group.sizes[instance.release] ?? 0) > 0) continue
      drift.push({
        what: `instance ${instance.id} of ${group.id}`,
        found: `release ${instance.release}`,
        expected: `release ${group.release}`,
      })
    }
    for (const hold of group.holds)
      if (hold.expiresAt <= snapshot.beganAt)
        drift.push({ what: `${hold.kind} hold on ${group.id}`, found: 'expired and not released', expected: 'none' })
  }
  for (const route of snapshot.traffic?.routing.routes ?? [])
    if (route.weight > 0 && route.groups.length === 0)
      drift.push({ what: `route ${route.binding}`, found: `weight ${route.weight} and no group`, expected: 'weight 0' })
  return drift
}
