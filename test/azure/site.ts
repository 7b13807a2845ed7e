import { ComputeManagementClient } from '@azure/arm-compute'
import type { AzureAccess } from 'imago/azure'
import { createWorld, type ImageBehaviour, type Life, type World } from 'imago/testing'
import { onTestFinished } from 'vitest'
import { createAccount, SUBSCRIPTION, type Account, type VersionRecord } from './wire/account.ts'
import { operations } from './wire/operations.ts'
import { serve, TOKEN } from './wire/server.ts'

/** The region, the gallery and its definition that the tests use. */
export const DEFINITION = `/subscriptions/${SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute/galleries/shop/images/web`
const KEY = `${SUBSCRIPTION}/images/shop/web`

/** Azure on a port, and a world behind it. */
export interface Site {
  readonly world: World
  readonly account: Account
  /** For `imago/azure`: the genuine client, which speaks to the port. */
  readonly access: AzureAccess
  close(): Promise<void>
  /** The same for one process, each request of which is made as that process. */
  accessOf(life: Life): AzureAccess
  /** What is answered at an address, as it goes over the wire. */
  get(address: string): Promise<unknown>
  /** Makes a version in the gallery, of the definition `web`. @returns its resource id. */
  publish(version: string, behaviour?: ImageBehaviour, more?: Partial<VersionRecord>): string
}

/** A site of its own for one test, and gone with it; one that is `standing` goes when it is closed. */
export async function createSite({ standing = false }: { readonly standing?: boolean } = {}): Promise<Site> {
  const world = createWorld({ seed: 1, bootMs: [40_000, 40_000], zones: ['1', '2', '3'] })
  const account = createAccount(world)
  account.definitions.set(KEY, { architecture: 'x64', generation: 'V2', versions: new Map() })
  account.sizes.set('Standard_D2s_v5', { architecture: 'x64', generations: 'V1,V2' })
  const server = await serve(account)
  if (!standing) onTestFinished(server.close)
  const access: AzureAccess = {
    subscription: SUBSCRIPTION,
    resourceGroup: account.resourceGroup,
    client: (subscription) => clientOf(server.endpoint, subscription),
    endpoint: server.endpoint,
    clock: { now: () => world.now },
  }
  return {
    world,
    account,
    access,
    accessOf: (life) => ({ ...access, client: (subscription) => living(clientOf(server.endpoint, subscription), life) }),
    close: server.close,
    get: async (address) => {
      const answer = await fetch(`${server.endpoint}${address}`, { headers: { authorization: `Bearer ${TOKEN}` } })
      return await answer.json()
    },
    publish(version, behaviour = { kind: 'good' }, more = {}) {
      const id = `${DEFINITION}/versions/${version}`
      world.images.publish(id.toLowerCase(), behaviour)
      account.definitions.get(KEY)?.versions.set(version, {
        provisioningState: 'Succeeded',
        excluded: false,
        endOfLife: undefined,
        regions: new Map([['West Europe', { state: 'Completed', progress: 100 }]]),
        tags: {},
        ...more,
      })
      return id
    },
  }
}

/** A client whose every request is made as a process: it is called by its method and what the wire server calls the operation. */
function living(client: ComputeManagementClient, life: Life): ComputeManagementClient {
  client.pipeline.addPolicy({
    name: 'living',
    sendRequest: (request, next) => {
      const { pathname } = new URL(request.url)
      const [name = pathname] =
        Object.entries(operations).find(([, one]) => one.method === request.method && one.path.test(pathname)) ?? []
      return life.around(`${request.method} ${name}`, () => next(request))
    },
  })
  return client
}

/** The genuine client against a server of this machine, which has no certificate: a token is never sent in clear, so one of nobody is. */
export function clientOf(endpoint: string, subscription: string): ComputeManagementClient {
  const credential = { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 }) }
  const client = new ComputeManagementClient(credential, subscription, {
    endpoint,
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 0 },
  })
  client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' })
  client.pipeline.addPolicy(
    {
      name: 'tokenInClear',
      sendRequest: (request, next) => {
        request.headers.set('Authorization', `Bearer ${TOKEN}`)
        return next(request)
      },
    },
    { phase: 'Sign' },
  )
  return client
}
