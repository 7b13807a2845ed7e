import { blueGreen, clone, type RolloutStore } from 'imago'
import type { createSite } from '../kit/index.ts'

/** One process begins a rollout, and another goes on with it, with nothing but what is opened between them. @returns how it ends. */
export async function handOver(site: ReturnType<typeof createSite>, open: () => RolloutStore): Promise<string | undefined> {
  const begin = site.process({ store: open(), groups: clone({ adopt: 'web' }) })
  const { id } = await begin.fleet.start(await begin.fleet.plan({ image: 'img-2', strategy: blueGreen({ bake: '1m' }) }))
  const end = site.process({ store: open(), groups: clone({ adopt: 'web' }) })
  const rollout = await end.imago.rollout(id)
  for (let turn = 0; turn < 300 && rollout.state.phase !== 'done'; turn++) {
    const { wakeAt } = await rollout.tick()
    site.world.runUntil(Math.max(wakeAt, site.world.now + 1_000))
  }
  return rollout.state.outcome
}
