// Canary of a managed instance group on Google Cloud: a URL map gives the new instances a growing share.
import { canary, clone, createImago, type ImagoOptions, type Report } from 'imago'
import { gcp, imageFamily, urlMap, type GcpAccess } from 'imago/gcp'

/** What is rolled: the instance group, what sends to it, and the family whose newest image is rolled. */
export interface Shop {
  readonly group: string
  readonly urlMap: string
  readonly family: string
}

/**
 * Plans, says what is planned, rolls, and says how it ended. Who calls it brings `{ project, location }`; credentials are application default
 * ones. The store, such as `gcs()` of `imago/stores/gcs`, is where whoever takes over after a crash reads how far it was.
 */
export async function release(access: GcpAccess, shop: Shop, options: Pick<ImagoOptions, 'store' | 'system'>): Promise<Report> {
  const cloud = gcp(access)
  const imago = createImago({ ...options, providers: { gcp: cloud } })
  try {
    const web = imago.fleet('web', {
      provider: 'gcp',
      groups: clone({ adopt: shop.group }),
      traffic: urlMap(cloud, { urlMap: shop.urlMap }),
    })
    const image = imageFamily({ project: access.project, family: shop.family })
    const plan = await web.plan({ image, strategy: canary({ weights: [10, 50], bake: '2m' }) })
    console.log(String(plan))
    const rollout = await web.start(plan)
    return await rollout.run()
  } finally {
    await imago.close()
  }
}
