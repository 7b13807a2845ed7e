import type { TrueFleet } from '../../cloud/index.ts'
import { fleetOf, isWell, servingIn, type Scene } from './checker.ts'
import type { Loss } from './losses.ts'

/** Numbers by binding. */
export type ByRoute = ReadonlyMap<string, number>

/** Instances' worth of traffic that can be served, and what it would be with those that were taken. */
export function capacity(scene: Scene, taken: readonly Loss[] = []): number {
  const fleet = fleetOf(scene)
  if (fleet === undefined) return 0
  if (scene.plan.restsOn.router !== undefined) return worth(serving(fleet, taken), shares(fleet))
  let well = taken.length
  for (const group of fleet.groups.values()) for (const instance of group.instances) if (isWell(instance)) well++
  return well
}

/** Instances that serve, by route. */
export function serving({ routes, groups }: TrueFleet, taken: readonly Loss[] = []): ByRoute {
  const found = new Map<string, number>()
  for (const route of routes.values()) {
    let count = 0
    for (const one of taken) if (one.bindings.includes(route.binding)) count++
    for (const id of route.groups.keys()) {
      const group = groups.get(id)
      if (group !== undefined) count += servingIn(group)
    }
    found.set(route.binding, count)
  }
  return found
}

/** Weights in force, by route. */
export function shares({ routes }: TrueFleet): ByRoute {
  const found = new Map<string, number>()
  for (const { binding, inForce } of routes.values()) if (inForce > 0) found.set(binding, inForce)
  return found
}

/** By weights the worst-served share decides. */
export function worth(carriers: ByRoute, weights: ByRoute): number {
  let total = 0
  for (const weight of weights.values()) total += weight
  let least = Infinity
  for (const [binding, weight] of weights) {
    const count = carriers.get(binding) ?? 0
    // A share that rounds up to one instance more than it needs is as good as whole.
    least = Math.min(least, count === 0 ? 0 : Math.floor(((count + (weight < total ? 1 : 0)) * total) / weight))
  }
  return least === Infinity ? 0 : least
}
