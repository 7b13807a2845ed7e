// Blue/green of a scale set on Azure: the rules of its load balancer send to the old instances, and then to the new ones.
import { blueGreen, clone, createImago, type ImagoOptions, type Report } from 'imago'
import { azure, galleryImage, ruleSwap, type AzureAccess } from 'imago/azure'

/** What is rolled: the scale set, what sends to it, and where its images are. */
export interface Shop {
  readonly scaleSet: string
  readonly loadBalancer: string
  readonly rules: readonly string[]
  /** The resource id of a definition in a gallery: its newest version is rolled. */
  readonly definition: string
}

/**
 * Plans, says what is planned, rolls, and says how it ended. Who calls it brings `{ subscription, resourceGroup, credential }`, with a credential
 * of `@azure/identity`, and a store, such as `azureBlob()` of `imago/stores/azure-blob`: whoever takes over after a crash reads it there.
 */
export async function release(access: AzureAccess, shop: Shop, options: Pick<ImagoOptions, 'store' | 'system'>): Promise<Report> {
  const cloud = azure(access)
  const imago = createImago({ ...options, providers: { azure: cloud } })
  try {
    const web = imago.fleet('web', {
      provider: 'azure',
      groups: clone({ adopt: shop.scaleSet }),
      traffic: ruleSwap(cloud, { loadBalancer: shop.loadBalancer, rules: shop.rules }),
    })
    const plan = await web.plan({ image: galleryImage(shop.definition), strategy: blueGreen({ bake: '10m' }) })
    console.log(String(plan))
    const rollout = await web.start(plan)
    return await rollout.run()
  } finally {
    await imago.close()
  }
}
