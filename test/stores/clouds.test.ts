import { describe, expect, test } from 'vitest'
import { isRolloutError } from '../../src/core/errors.ts'
import { storeContract } from '../../src/testing/contracts/store.ts'
import { createBucket } from '../../src/testing/object-store/bucket.ts'
import type { BucketFault } from '../../src/testing/object-store/faults.ts'
import { harness } from '../contracts/harness.ts'
import { createSite } from '../kit/index.ts'
import { endWire, served, SUBJECTS } from './clouds.ts'
import { handOver } from './hand-over.ts'
import { raceUnderDrawnFaults } from './race-under-faults.ts'
import { serveCloud } from './wire.ts'

const APPLIED: BucketFault = { kind: 'unknown', landsAfterCalls: 0 }
const NEVER: BucketFault = { kind: 'unknown', landsAfterCalls: undefined }

describe.for(SUBJECTS)('$kind', (subject) => {
  storeContract(harness, {
    async create() {
      const wire = await serveCloud(subject.cloud, createBucket({ name: 'journals', pageSize: 7 }))
      return { open: () => subject.open(wire.endpoint), dispose: () => endWire(wire) }
    },
  })

  const first = Number(process.env['IMAGO_SEED'])
  test.for([0, 1].map((index) => (first + index) >>> 0))(
    'under faults by chance nothing acknowledged is lost and nothing refused appears (seed %i)',
    { timeout: 60_000 },
    async (seed) => {
      await raceUnderDrawnFaults(subject.kind, seed, async (fault) => (await served(subject, { fault, pageSize: 20 })).open)
    },
  )

  test('a rollout that one process began is gone on with by the next, with nothing but the bucket between them', async () => {
    const site = createSite()
    const { open, wire } = await served(subject, { now: () => site.world.now })
    expect(await handOver(site, open)).toBe('promoted')
    expect(wire.log.length).toBeGreaterThan(10)
  })

  test('pages without names, and lists that take their time, hide nothing', async () => {
    const { open, wire } = await served(subject, { pageSize: 3 }, { emptyPages: true, listMs: 5 })
    const store = open()
    const names = Array.from({ length: 8 }, (_, index) => `fleet/${index}`)
    for (const name of names) await store.append(name, 1, [{ name }])
    for (let seq = 2; seq <= 8; seq++) expect(await open().append('fleet/0', seq, [{ seq }])).toBe('appended')
    expect(await store.list('fleet/')).toEqual(names)
    expect(await store.read('fleet/0', 1)).toHaveLength(8)
    // Eight streams, whatever is in them, are three pages, each after an empty one.
    wire.log.forEach((line) => expect(line).toMatch(/ 20[01]$/))
  })

  test.for([undefined, 408, 500, 502, 504])(
    'a write of which nothing is known is read back: it is there, or not (status %s)',
    async (failsAs) => {
      const faults: BucketFault[] = [APPLIED]
      const fault = (call: string) => (call === 'put' ? faults.shift() : undefined)
      const { open, wire } = await served(subject, { fault }, failsAs === undefined ? {} : { failsAs })
      expect(await open().append('fleet/web', 1, [{ a: 1 }])).toBe('appended')
      expect(wire.log.map((line) => line.split(' ')[0])).toEqual(['PUT', 'PUT', 'GET'])
      faults.push(NEVER, NEVER, NEVER, NEVER)
      expect(await open().append('fleet/other', 1, [{ a: 1 }])).toBe('unknown')
      faults.push(APPLIED)
      expect(await open().compareAndSet('lease', undefined, 'ada')).toBe('set')
    },
  )

  test('names that a URL would take for ways up are kept apart', async () => {
    const { open } = await served(subject)
    const names = ['.', '..', '...', 'a.', 'a./b', 'a']
    const store = open({ prefix: "o'brien + <sons> & 1 %/v1.2x/" })
    for (const name of names) expect(await store.append(name, 1, [{ name }]), name).toBe('appended')
    for (const name of names) expect(await store.read(name, 1), name).toEqual([{ name }])
    expect(await store.list('')).toEqual(names.toSorted())
    expect(await store.list('a.')).toEqual(['a.', 'a./b'])
    expect(await open().list('')).toEqual([])
  })

  test('a bucket that is not there, and one that lets nobody in, is named in the words of its cloud', async () => {
    const { open, wire } = await served(subject, {}, { refuse: ({ object }) => (object.includes('cell/') ? DENIED : undefined) })
    const elsewhere = open(bucketElsewhere(subject.kind))
    const calls = [
      () => elsewhere.append('a', 1, [{}]),
      () => elsewhere.read('a', 1),
      () => elsewhere.get('a'),
      () => elsewhere.now(),
    ]
    for (const call of calls)
      await expect(call()).rejects.toThrow(
        /The bucket (?:shop\/)?elsewhere\/imago\/ did not answer .*(?:NoSuchBucket|ContainerNotFound): The specified/,
      )
    const store = open()
    await expect(store.get('lease')).rejects.toThrow("lease (AccessDenied: Ada's account may not); nothing was written.")
    await expect(store.compareAndSet('lease', undefined, 1)).rejects.toSatisfy((error) =>
      isRolloutError(error, 'store-unavailable'),
    )
    expect(wire.log.filter((line) => line.startsWith('PUT'))).toHaveLength(4)
  })

  test('nobody at the address, credentials that fail, and a store that was closed, are store-unavailable', async () => {
    const nobody = subject.open('http://127.0.0.1:1')
    await expect(nobody.append('a', 1, [{}])).rejects.toThrow(/ECONNREFUSED.*nothing was written/)
    await nobody.close()
    await nobody.close()
    await expect(nobody.now()).rejects.toThrow(/the store was closed/)
    const fails = async () => Promise.reject(new Error('the tenant is gone'))
    const { open, wire } = await served(subject)
    await expect(
      open({ [KEYS[subject.kind]!]: { getToken: fails, getRequestHeaders: fails } }).append('a', 1, [{}]),
    ).rejects.toThrow(/\(the tenant is gone\); nothing was written/)
    expect(wire.log).toEqual([])
  })

  test('each store says which it is, and its clock is the cloud’s', async () => {
    const { open } = await served(subject, { now: () => 12_345 })
    const store = open()
    expect([store.kind, store.id]).toEqual([subject.kind, subject.id])
    expect(await store.now()).toBe(12_000)
  })
})

/** What credentials are called. */
const KEYS: Readonly<Record<string, string>> = { gcs: 'auth', 'azure-blob': 'credential' }
const DENIED = { status: 403, code: 'AccessDenied', message: "Ada's account may not" }

function bucketElsewhere(kind: string): object {
  return kind === 'gcs' ? { bucket: 'elsewhere' } : { container: 'elsewhere' }
}
