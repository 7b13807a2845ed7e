import { describe, expect, test } from 'vitest'
import { isRolloutError } from '../../src/core/errors.ts'
import { storeContract } from '../../src/testing/contracts/store.ts'
import type { Bucket } from '../../src/stores/object/bucket.ts'
import { objectStore as storeOn } from '../../src/stores/object/store.ts'
import { createBucket } from '../../src/testing/object-store/bucket.ts'
import { bucketFaults, type BucketFault } from '../../src/testing/object-store/faults.ts'
import { createRandom } from '../../src/testing/world/index.ts'
import { harness } from '../contracts/harness.ts'
import { raceUnderFaults } from './race-under-faults.ts'

storeContract(harness, {
  create() {
    // Small pages: every LIST goes on more than once.
    const bucket = createBucket({ pageSize: 7 })
    return { open: () => objectStore(bucket) }
  },
})

/** A store on a bucket. */
function objectStore(bucket: Bucket) {
  return storeOn(bucket, { kind: 'object' })
}

/** A bucket whose next calls meet these faults, one after the other. */
function bucketWith(...faults: (BucketFault | undefined)[]): Bucket {
  return createBucket({ fault: () => faults.shift() })
}

const AWAY: BucketFault = { kind: 'away' }
const CONFLICT: BucketFault = { kind: 'conflict' }
const APPLIED: BucketFault = { kind: 'unknown', landsAfterCalls: 0 }
const LATER: BucketFault = { kind: 'unknown', landsAfterCalls: 6 }
const NEVER: BucketFault = { kind: 'unknown', landsAfterCalls: undefined }

describe('an append of which nothing was heard', () => {
  test.for([
    ['was applied', [APPLIED]],
    ['was not applied', [NEVER]],
    ['was never heard of at all, and is there', [APPLIED, NEVER, NEVER, NEVER]],
    ['met another write first', [CONFLICT, CONFLICT, NEVER]],
  ] as const)('is appended when it %s', async ([, faults]) => {
    const store = objectStore(bucketWith(...faults))
    expect(await store.append('fleet/web', 1, [{ a: 1 }])).toBe('appended')
    expect(await store.read('fleet/web', 1)).toEqual([{ a: 1 }])
  })

  test('is taken when another stands there', async () => {
    const bucket = bucketWith(undefined, NEVER)
    await objectStore(bucket).append('fleet/web', 1, [{ first: true }])
    expect(await objectStore(bucket).append('fleet/web', 1, [{ second: true }])).toBe('taken')
  })

  test('is unknown only while nobody can tell, and may still land', async () => {
    const store = objectStore(bucketWith(LATER, NEVER, NEVER, NEVER))
    expect(await store.append('fleet/web', 1, [{ a: 1 }])).toBe('unknown')
    expect(await store.read('fleet/web', 1)).toEqual([])
    expect(await store.read('fleet/web', 1)).toEqual([{ a: 1 }])
  })

  test('is not called unavailable: that would say that nothing was written', async () => {
    const store = objectStore(bucketWith(NEVER, AWAY, AWAY, AWAY, AWAY))
    expect(await store.append('fleet/web', 1, [{ a: 1 }])).toBe('unknown')
  })
})

describe('a bucket that is away', () => {
  test('is store-unavailable for every call', async () => {
    const store = objectStore(createBucket({ fault: () => AWAY }))
    const calls = [
      () => store.append('a', 1, [{}]),
      () => store.append('a', 2, [{}]),
      () => store.read('a', 1),
      () => store.list('a'),
      () => store.now(),
      () => store.get('a'),
      () => store.compareAndSet('a', undefined, 1),
      () => store.compareAndSet('a', 'etag', 1),
    ]
    for (const call of calls)
      await expect(call()).rejects.toSatisfy((error) => isRolloutError(error, 'store-unavailable'), String(call))
  })
})

test('its clock is the server’s', async () => {
  expect(await objectStore(createBucket({ now: () => 12_345 })).now()).toBe(12_000)
})

describe('under faults by chance', () => {
  const first = Number(process.env['IMAGO_SEED'])
  test.for(Array.from({ length: 40 }, (_, index) => (first + index) >>> 0))(
    'nothing acknowledged is lost and nothing refused appears (seed %i)',
    async (seed) => {
      const random = createRandom(seed, 'bucket')
      let calm = false
      const onPut = bucketFaults(random, random.next() * 0.8)
      // One read is many calls.
      const onRead = bucketFaults(random, 0.01)
      const fault = (call: string) => (call === 'put' ? onPut() : onRead())
      const bucket = createBucket({ pageSize: 20, fault: (call) => (calm ? undefined : fault(call)) })
      await raceUnderFaults(
        () => objectStore(bucket),
        random,
        () => (calm = true),
      )
    },
  )
})
