import { clone } from '../src/core/fleet-spec.ts'
import { canary } from '../src/strategies/canary.ts'
import { atMost, type Bench, type Figure } from './lib/bench.ts'
import { NEW, simulated } from './lib/simulated.ts'

/** One look at the groups and one at the routing. */
const FIXED = 2

/**
 * What a turn asks of provider and router: looks, of which the engine takes a fixed number whatever the size. How many
 * requests a look costs is the adapter's matter; the port allows it a fixed number and one for each full page.
 */
export const bench: Bench = {
  name: 'provider-reads',
  how: 'looks that the simulated cloud is asked for, groups and routing together, the most in any turn of a whole canary without faults, at three sizes; a look is one read there and with the local daemon, neither of which has pages, so that pages are not measured: an adapter whose cloud answers in pages adds one read for each full page',
  async run({ quick }) {
    const figures: Figure[] = []
    for (const size of quick ? [3] : [3, 30, 300])
      figures.push(atMost(FIXED, `looks of a turn at ${size} instances`, await mostReads(size)))
    return figures
  },
}

async function mostReads(size: number): Promise<number> {
  const { world, cloud, fleet, until } = simulated({ size, seed: 1, groups: (web) => clone({ adopt: web }) })
  const rollout = await until(fleet.start(await until(fleet.plan({ image: NEW, strategy: canary({ weights: [5, 50] }) }))))
  let most = 0
  while (rollout.state.phase !== 'done') {
    const before = cloud.calls.reads
    const { wakeAt } = await until(rollout.tick())
    most = Math.max(most, cloud.calls.reads - before)
    world.runUntil(wakeAt)
  }
  return most
}
