import { gcpPermissions, type GcpGrant } from 'imago/gcp'
import { gcs } from 'imago/stores/gcs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { served, SUBJECTS } from '../clouds.ts'
import { TOKEN, type Asked, type Refusal, type WireOptions } from '../wire.ts'

const [subject] = SUBJECTS.filter((one) => one.kind === 'gcs')
const serve = (options: WireOptions = {}) => served(subject!, {}, options)

describe('an object that is written more than once a second', () => {
  test('is left alone for a while, and of many writers one wins', async () => {
    const { open, wire } = await serve({ restMs: 700 })
    const store = open()
    expect(await store.compareAndSet('lease', undefined, 1)).toBe('set')
    const version = (await store.get('lease'))?.version
    const race = await Promise.all([1, 2, 3].map((by) => open().compareAndSet('lease', version, { by })))
    expect(race.toSorted()).toEqual(['lost', 'lost', 'set'])
    expect(wire.log.filter((line) => line.endsWith(' 429')).length).toBeGreaterThanOrEqual(3)
  })

  test('and goes on being refused is no answer, and the reason is told', async () => {
    const { open } = await serve({ restMs: 60_000 })
    const store = open()
    expect(await store.compareAndSet('lease', undefined, 1)).toBe('set')
    const version = (await store.get('lease'))?.version
    await expect(store.compareAndSet('lease', version, 2)).rejects.toThrow(/lease \(SlowDown: Too many writes of one object\.\)/)
    expect(await store.get('lease')).toEqual({ version, value: 1 })
  })
})

test('what a policy keeps from being written over is told in Google’s words', async () => {
  const { open } = await serve({ refuse: ({ method }) => (method === 'PUT' ? KEPT : undefined) })
  await expect(open().compareAndSet('lease', '7', 2)).rejects.toThrow(
    /The bucket journals\/imago\/ did not answer about lease \(AccessDenied: Object .* is subject to bucket's retention policy/,
  )
})

const KEPT: Refusal = {
  status: 403,
  code: 'AccessDenied',
  message: "Object 'journals/imago/cell/lease' is subject to bucket's retention policy and cannot be overwritten.",
}

test('who may not is named, and what', async () => {
  const details = 'ada@web-prod.example does not have storage.objects.list access to the Google Cloud Storage bucket.'
  const denied = { status: 403, code: 'AccessDenied', message: 'Access denied.', details }
  const { open } = await serve({ refuse: () => denied })
  await expect(open().list('fleet/')).rejects.toThrow(`fleet/ (AccessDenied: Access denied. ${details}); nothing was written`)
})

test('a version is a generation, and no cache keeps what is written', async () => {
  const asked: Record<string, unknown>[] = []
  const { open } = await serve({ refuse: ({ method, headers }) => void (method === 'PUT' && asked.push(headers)) })
  const store = open()
  await store.compareAndSet('lease', undefined, 1)
  const version = (await store.get('lease'))?.version
  expect(version).toMatch(/^\d+$/)
  await store.compareAndSet('lease', version, 2)
  expect(asked.map((headers) => headers['x-goog-if-generation-match'])).toEqual(['0', version])
  expect(asked.map((headers) => headers['cache-control'])).toEqual(['no-store', 'no-store'])
})

describe('credentials', () => {
  test('are asked for by address, and may be an older library’s', async () => {
    const asked: unknown[] = []
    const auth = {
      async getRequestHeaders(url: unknown) {
        asked.push(url)
        return { Authorization: `Bearer ${TOKEN}` }
      },
    }
    const { open, wire } = await serve()
    expect(await open({ auth }).read('fleet/web', 1)).toEqual([])
    expect(asked).toEqual([wire.endpoint])
  })

  test('that nobody accepts are no part of the error', async () => {
    const { open } = await serve()
    const store = open({ auth: { getRequestHeaders: async () => ({ authorization: 'Bearer of a secret' }) } })
    const error = await store.append('fleet/web', 1, [{}]).catch((one: unknown) => one)
    expect(String(error)).toContain('AuthenticationRequired: Authentication required.')
    expect(JSON.stringify(error) + String(error)).not.toContain('of a secret')
  })

  test('are found by Google’s library where none are given', async () => {
    const scopes: unknown[] = []
    vi.doMock('google-auth-library', () => ({
      GoogleAuth: class {
        constructor(options: { scopes: unknown }) {
          scopes.push(options.scopes)
        }
        getRequestHeaders = async () => new Headers({ authorization: `Bearer ${TOKEN}` })
      },
    }))
    onTestFinished(() => vi.doUnmock('google-auth-library'))
    const { wire } = await serve()
    const store = gcs({ bucket: 'journals', endpoint: wire.endpoint })
    onTestFinished(() => store.close())
    expect(await store.append('fleet/web', 1, [{}])).toBe('appended')
    expect(await store.read('fleet/web', 1)).toEqual([{}])
    expect(scopes).toEqual(['https://www.googleapis.com/auth/devstorage.read_write'])
  })

  test('a package that is not installed is named, and how to get it', async () => {
    vi.doMock('google-auth-library', () => {
      throw new Error("Cannot find package 'google-auth-library'")
    })
    onTestFinished(() => vi.doUnmock('google-auth-library'))
    await expect(gcs({ bucket: 'journals' }).now()).rejects.toMatchObject({
      code: 'peer-missing',
      facts: { package: 'google-auth-library', for: 'imago/stores/gcs' },
    })
  })
})

test('everything that is wrong with the options is said at once, and no secret', () => {
  const wrong = { bucket: 'No', prefix: '../', endpoint: 'nowhere', auth: { secret: TOKEN }, colour: 'red' } as never
  expect(() => gcs(wrong)).toThrow(/options\.bucket[^]*options\.auth[^]*options\.prefix[^]*options\.endpoint[^]*options\.colour/)
  expect(() => gcs(wrong)).not.toThrow(TOKEN)
})

/** What a request asks for: a write over something counts as deleting that. */
function askedBy({ method, object, headers }: Asked): string[] {
  if (method === 'GET') return [object === '' ? 'storage.objects.list' : 'storage.objects.get']
  const isNew = headers['x-goog-if-generation-match'] === '0'
  return isNew ? ['storage.objects.create'] : ['storage.objects.create', 'storage.objects.delete']
}

/** Does everything that a store does, as whoever may do what is granted but for this. */
async function useAll(permissions: readonly string[]): Promise<void> {
  const refuse = (asked: Asked): Refusal | undefined => {
    const missing = askedBy(asked).find((one) => !permissions.includes(one))
    return missing === undefined ? undefined : { status: 403, code: 'AccessDenied', message: `without ${missing}` }
  }
  const { open } = await serve({ refuse })
  const store = open()
  expect(await store.append('fleet/web', 1, [{}])).toBe('appended')
  expect(await store.list('fleet/')).toEqual(['fleet/web'])
  expect(await store.compareAndSet('lease', undefined, 1)).toBe('set')
  expect(await store.compareAndSet('lease', (await store.get('lease'))?.version, 2)).toBe('set')
}

const [{ permissions: GRANTED }] = gcpPermissions({ features: ['gcs'], bucket: 'journals' }).grants as [GcpGrant]

test('what gcpPermissions() grants on the bucket is enough', () => useAll(GRANTED))

test.for(GRANTED)('a store cannot do without %s', async (permission) => {
  await expect(useAll(GRANTED.filter((one) => one !== permission))).rejects.toThrow(`without ${permission}`)
})
