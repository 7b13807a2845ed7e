import { iamPolicy } from 'imago/aws'
import { s3 } from 'imago/stores/s3'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { isRolloutError } from '../../../src/core/errors.ts'
import { storeContract } from '../../../src/testing/contracts/store.ts'
import { createBucket, type BucketOptions } from '../../../src/testing/object-store/bucket.ts'
import { harness } from '../../contracts/harness.ts'
import { createSite } from '../../kit/index.ts'
import { handOver } from '../hand-over.ts'
import { raceUnderDrawnFaults } from '../race-under-faults.ts'
import { allows } from '../../aws/wire/iam/evaluate.ts'
import { serveS3, type Permits } from './server.ts'

const SECRET = 'a secret of nobody'
const access = { bucket: 'journals', region: 'eu-west-1', credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET } }

storeContract(harness, {
  async create() {
    const server = await serveS3(createBucket({ name: 'journals', pageSize: 7 }))
    return { open: () => s3({ ...access, endpoint: server.endpoint }), dispose: () => server.close() }
  },
})

describe('under faults by chance, over HTTP', () => {
  const first = Number(process.env['IMAGO_SEED'])
  test.for([0, 1, 2].map((index) => (first + index) >>> 0))(
    'nothing acknowledged is lost and nothing refused appears (seed %i)',
    { timeout: 60_000 },
    async (seed) => {
      await raceUnderDrawnFaults('s3', seed, async (fault) => (await served({ fault, pageSize: 20 })).open)
    },
  )
})

test('a rollout that one process began is gone on with by the next, with nothing but the bucket between them', async () => {
  const site = createSite()
  const { open, server } = await served({ now: () => site.world.now })
  expect(await handOver(site, open)).toBe('promoted')
  expect(server.requests.length).toBeGreaterThan(10)
})

describe('what S3 does not let happen is said in its own words', () => {
  test('a denied write', async () => {
    const { open } = await served({}, () => false)
    await expect(open().append('fleet/web', 1, [{}])).rejects.toThrow(
      /bucket journals\/imago\/ did not answer about fleet\/web .AccessDenied: .*s3:PutObject/,
    )
  })

  test('a bucket that is not there', async () => {
    const { server } = await served({})
    const store = s3({ ...access, bucket: 'elsewhere', endpoint: server.endpoint })
    for (const call of [() => store.append('a', 1, [{}]), () => store.read('a', 1), () => store.get('a')])
      await expect(call()).rejects.toThrow(/NoSuchBucket: The specified bucket does not exist/)
  })

  test('nobody at the address, and a store that was closed', async () => {
    const store = s3({ ...access, endpoint: 'http://127.0.0.1:1' })
    await expect(store.append('a', 1, [{}])).rejects.toSatisfy((error) => isRolloutError(error, 'store-unavailable'))
    await store.close()
    await store.close()
    await expect(store.now()).rejects.toThrow(/the store was closed/)
  })
})

describe('what a policy allows the store', () => {
  const POLICY = iamPolicy({ account: '123456789012', region: 'eu-west-1', features: ['s3'], bucket: 'journals' })
  const ACTIONS = POLICY.Statement.flatMap((one) => one.Action)

  test('is enough', async () => {
    const { asked } = await useAll()
    expect([...asked].toSorted()).toEqual(ACTIONS.toSorted())
  })

  test.for(ACTIONS)('is needed: %s', async (action) => {
    await expect(useAll(action)).rejects.toThrow(`not authorized to perform: ${action}`)
  })

  /** Does all that a store can, with the whole policy or without one action of it. */
  async function useAll(without?: string) {
    const asked = new Set<string>()
    const { open } = await served({}, (action, resource) => {
      asked.add(action)
      return action !== without && allows(POLICY, { action, resource, context: {} })
    })
    const store = open()
    await store.read('fleet/new', 1)
    await store.append('fleet/web', 1, [{ a: 1 }])
    expect(await store.read('fleet/web', 1)).toEqual([{ a: 1 }])
    expect(await store.list('fleet/')).toEqual(['fleet/web'])
    expect(await store.compareAndSet('lease', undefined, 'ada')).toBe('set')
    return { asked }
  }
})

test('everything that is wrong with the options is said at once, and no secret', () => {
  const wrong = { ...access, bucket: 'No', prefix: 'x', endpoint: 'nowhere', region: 7, colour: 'red' } as never
  expect(() => s3(wrong)).toThrow(/options\.bucket[^]*options\.region[^]*options\.prefix[^]*options\.endpoint[^]*options\.colour/)
  try {
    s3(wrong)
  } catch (error) {
    expect(String(error)).not.toContain(SECRET)
  }
})

test('each store says which it is, and its clock is the bucket’s', async () => {
  const { open } = await served({ now: () => 12_345 })
  const store = open()
  expect([store.kind, store.id]).toEqual(['s3', 's3:journals/imago/'])
  expect(s3({ ...access, prefix: '' }).id).toBe('s3:journals/')
  expect(await store.now()).toBe(12_000)
})

test('a package that is not installed is named, and how to get it', async () => {
  vi.doMock('@aws-sdk/client-s3', () => {
    throw new Error("Cannot find package '@aws-sdk/client-s3'")
  })
  onTestFinished(() => vi.doUnmock('@aws-sdk/client-s3'))
  await expect(s3(access).now()).rejects.toMatchObject({
    code: 'peer-missing',
    facts: { package: '@aws-sdk/client-s3', for: 'imago/stores/s3' },
  })
})

async function served(bucket: BucketOptions, permits?: Permits) {
  const server = await serveS3(createBucket({ name: 'journals', ...bucket }), permits === undefined ? {} : { permits })
  const stores: { close(): Promise<void> }[] = []
  onTestFinished(async () => {
    for (const one of stores) await one.close()
    await server.close()
  })
  const open = () => {
    const store = s3({ ...access, endpoint: server.endpoint })
    stores.push(store)
    return store
  }
  return { server, open }
}
