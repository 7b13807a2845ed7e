import type { RolloutSpec } from 'imago'
import type { ImageBehaviour } from 'imago/testing'
import { NEW, setUpFleet } from '../fleet.ts'
import { CLONED, drive, newStore, startProcess } from '../rolling.ts'
import { createSite } from '../site.ts'
import { measure, type Measured } from './measure.ts'

/** The new image by imago, on a site of its own; the time is the world's, in which calls take none. */
export async function byImago(size: number, strategy: RolloutSpec['strategy'], behaviour: ImageBehaviour): Promise<Measured> {
  const site = await createSite({ standing: true })
  try {
    const { listener } = await setUpFleet(site, { size, min: size, max: 2 * size })
    site.publish(NEW, behaviour)
    const { imago, web } = startProcess(site, { listener, groups: CLONED, store: newStore(site) })
    return await measure(site, size, async () => {
      const rollout = await web.start(await web.plan({ image: NEW, strategy: strategy as never }))
      await drive(site, rollout)
      await imago.close()
      return rollout.state.outcome ?? rollout.state.phase
    })
  } finally {
    await site.close()
  }
}
