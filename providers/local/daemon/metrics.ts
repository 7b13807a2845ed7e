import type { SecondCounters } from '../balancer/table.ts'
import type { Input } from '../protocol.ts'
import type { World } from './world.ts'

/**
 * What the pools of a group answered in a window, second by second.
 *
 * A pool that several groups share is left out: its numbers would say something about all of them and nothing about one.
 */
export async function metricsOf(
  world: World,
  { group, binding, from, until }: Input<'metrics.read'>,
): Promise<readonly SecondCounters[]> {
  const seen = await world.publisher.look()
  return Object.values(world.book.state.services).flatMap((service) =>
    service.pools
      .filter((pool) => (binding === null || pool.binding === binding) && Object.keys(pool.members).join() === group)
      .flatMap((pool) => seen.services[service.name]?.pools[pool.binding]?.counters ?? [])
      .filter(({ at, requests }) => requests > 0 && at >= from && at < until),
  )
}
