import { pace, type ImageBehaviour } from 'imago/testing'
import { terraformWith, type Kept } from '../../witnesses/terraform.ts'
import { makeListener, NEW, OLD } from '../fleet.ts'
import { createSite, type Site } from '../site.ts'
import { createBeforeDestroy, type Written } from './create-before-destroy.tf.ts'
import { measure, type Measured } from './measure.ts'

/** What is applied, and how fast the world goes meanwhile. */
export interface Applied {
  readonly size: number
  readonly behaviour: ImageBehaviour
  /** Milliseconds of the world in one of Terraform's. With more than 1 its own waits, of up to 10 s, are that much longer in the world. */
  readonly speed: number
  readonly awaitsBalancer: boolean
  /** How long an instance boots, ms. @default 40000 */
  readonly bootMs?: number
}

/** What it did, and what it believes afterwards. */
export interface ByTerraform extends Measured {
  readonly said: string
  readonly state: readonly Kept[]
  readonly site: Site
}

/** How long it waits for a new group's capacity unless told otherwise, in the world, s. */
const PATIENCE_S = 600
/** How fast the world goes while the fleet is set up. */
const SET_UP_SPEED = 20

/** The new image by `terraform apply` with create before destroy, over a listener that was there before. The site is closed by whoever asked. */
export async function byTerraform({ size, behaviour, speed, awaitsBalancer, bootMs = 40_000 }: Applied): Promise<ByTerraform> {
  const site = await createSite({ standing: true, beginsAt: Date.now(), bootMs })
  for (const image of [OLD, NEW]) site.publish(image)
  const { targetGroup } = await makeListener(site)
  const written: Written = { size, patience: `${Math.ceil(PATIENCE_S / speed)}s`, awaitsBalancer }
  const variables = { endpoint: site.endpoint, image: OLD, target_group: targetGroup }
  const terraform = await terraformWith(createBeforeDestroy(written), variables)
  try {
    await paced(site, SET_UP_SPEED, () => terraform.apply())
    site.world.runUntil(site.world.now + 2 * bootMs)
    site.publish(NEW, behaviour)
    let said = ''
    const measured = await paced(site, speed, () =>
      measure(site, size, async () => {
        const { code, text } = await terraform.change({ image: NEW })
        said = text
        return code === 0 ? 'applied' : `failed: ${reasonIn(text)}`
      }),
    )
    return { ...measured, said, state: await terraform.state(), site }
  } catch (error) {
    await site.close()
    throw error
  } finally {
    await terraform.close()
  }
}

/** Lets the world go on while something is done. */
async function paced<T>({ world }: Site, speed: number, body: () => Promise<T>): Promise<T> {
  const ends = new AbortController()
  const going = pace(world, { speed, signal: ends.signal })
  try {
    return await body()
  } finally {
    ends.abort()
    await going
  }
}

/** What went wrong, as Terraform's box begins. */
function reasonIn(text: string): string {
  return /Error: (.*)/.exec(text)?.[1] ?? 'it does not say why'
}
