import { ComputeManagementClient } from '@azure/arm-compute'
import type { AzureAccess } from 'imago/azure'
import { createWorld, drive, type ImageBehaviour, type Life, type World } from 'imago/testing'
import { onTestFinished } from 'vitest'
import { callsInFlight } from '../kit/wire/in-flight.ts'
import { createAccount, SUBSCRIPTION, type Account, type VersionRecord } from './wire/account.ts'
import { MADE_FOR, operationAt, serve, TOKEN } from './wire/server.ts'

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
  /** The same for one process, each request of which is made as that process. @param purpose says what it is made for. */
  accessOf(life: Life, purpose?: () => string | undefined): AzureAccess
  /** Lets time pass until a promise has settled; while a request is on the wire it stands. */
  drive<T>(promise: Promise<T>, untilAt?: number): Promise<T>
  /** What is answered at an address, as it goes over the wire. */
  get(address: string): Promise<unknown>
  /** Makes a version in the gallery, of the definition `web`. @returns its resource id. */
  publish(version: string, behaviour?: ImageBehaviour, more?: Partial<VersionRecord>): string
  /** Deletes a version until the answer is called: what runs of it goes on. @param image what the world knows it by. */
  withdraw(image: string): () => void
}

export interface SiteOptions {
  readonly standing?: boolean
  /** @default - one of its own */
  readonly world?: World
}

/** A site of its own for one test, and gone with it; one that is `standing` goes when it is closed. */
export async function createSite({ standing = false, world: given }: SiteOptions = {}): Promise<Site> {
  const world = given ?? createWorld({ seed: 1, bootMs: [40_000, 40_000], zones: ['1', '2', '3'] })
  const account = createAccount(world)
  account.definitions.set(KEY, { architecture: 'x64', generation: 'V2', versions: new Map() })
  account.sizes.set('Standard_D2s_v5', { architecture: 'x64', generations: 'V1,V2' })
  const server = await serve(account)
  const inFlight = callsInFlight(account.held)
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
    accessOf: (life, purpose = () => undefined) => {
      const sender = { life, purpose, during: inFlight.during }
      return { ...access, client: (subscription) => sentAs(sender, clientOf(server.endpoint, subscription)) }
    },
    drive: (promise, untilAt) => drive(world, promise, untilAt, inFlight.silence),
    close: server.close,
    get: async (address) => {
      const answer = await fetch(`${server.endpoint}${address}`, { headers: { authorization: `Bearer ${TOKEN}` } })
      return await answer.json()
    },
    withdraw(image) {
      const versions = account.definitions.get(KEY)?.versions
      const version = image.split('/').at(-1) ?? ''
      const record = versions?.get(version)
      versions?.delete(version)
      world.images.withdraw(image)
      return () => {
        if (record !== undefined) versions?.set(version, record)
        world.images.restore(image)
      }
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

/** Who sends a request. */
interface Sender {
  readonly life: Life
  readonly purpose: () => string | undefined
  during<T>(call: () => Promise<T>): Promise<T>
}

/** A client whose every request is made as a process: it is called by its method and what the wire server calls the operation. */
function sentAs({ life, purpose, during }: Sender, client: ComputeManagementClient): ComputeManagementClient {
  client.pipeline.addPolicy({
    name: 'sentAs',
    sendRequest: (request, next) => {
      const { pathname } = new URL(request.url)
      const [name] = operationAt(request.method, pathname) ?? [pathname]
      request.headers.set(MADE_FOR, purpose() ?? '')
      return life.around(`${request.method} ${name}`, () => during(() => next(request)))
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
