import { azureBlob } from 'imago/stores/azure-blob'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { served, SUBJECTS } from '../clouds.ts'
import { TOKEN, type Refusal, type WireOptions } from '../wire.ts'

const [subject] = SUBJECTS.filter((one) => one.kind === 'azure-blob')
const serve = (options: WireOptions = {}) => served(subject!, {}, options)

/** A server that answers writes so, so often. */
function refusingWrites(refusal: Refusal, left = Infinity) {
  return serve({ refuse: ({ method }) => (method === 'PUT' && left-- > 0 ? refusal : undefined) })
}

describe('a write that is refused for another reason than its condition', () => {
  test.for<Refusal>([
    { status: 412, code: 'LeaseIdMissing', message: 'There is currently a lease on the blob and no lease ID was specified.' },
    { status: 409, code: 'BlobImmutableDueToPolicy', message: 'The blob is immutable due to a policy.' },
    { status: 409, code: 'ContainerDisabled', message: 'The specified container is disabled by the administrator.' },
    { status: 403, code: 'AuthorizationPermissionMismatch', message: 'This request is not authorized.' },
  ])('is not lost but refused, in Azure’s words: $code', async (refusal) => {
    const { open } = await refusingWrites(refusal)
    for (const write of [() => open().compareAndSet('lease', '"0x1"', 1), () => open().append('fleet/web', 1, [{}])])
      await expect(write()).rejects.toThrow(`(${refusal.code}: ${refusal.message}); nothing was written`)
  })
})

test('a busy server is asked again a little later, a failed one at once', async () => {
  const busy = await refusingWrites({ status: 503, code: 'ServerBusy', message: 'The server is busy.' }, 1)
  const before = performance.now()
  expect(await busy.open().append('fleet/web', 1, [{}])).toBe('appended')
  expect(performance.now() - before).toBeGreaterThan(140)
  const failed = await refusingWrites({ status: 500, code: 'InternalError', message: 'Server encountered an error.' }, 1)
  expect(await failed.open().append('fleet/web', 1, [{}])).toBe('appended')
  expect([...busy.wire.log, ...failed.wire.log].map((line) => line.split(' ')[2])).toEqual(['503', '201', '500', '201'])
})

test('the numbers of a request behind a message are left out', async () => {
  const { open } = await serve()
  await expect(open({ container: 'elsewhere' }).read('fleet/web', 1)).rejects.toThrow(
    'The bucket shop/elsewhere/imago/ did not answer about fleet/web (ContainerNotFound: The specified container does not exist.); nothing was written.',
  )
})

describe('a token', () => {
  /** A credential that notes what it is asked for. */
  function credentialOf(token: string | null) {
    const asked: unknown[] = []
    const getToken = async (scope: unknown) => {
      asked.push(scope)
      return token === null ? null : { token, expiresOnTimestamp: Date.now() + 3_600_000 }
    }
    return { asked, credential: { getToken } }
  }

  test('is asked for once a minute, for storage', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const { asked, credential } = credentialOf(TOKEN)
    const { open } = await serve()
    const store = open({ credential })
    for (const passed of [0, 30_000, 30_001]) {
      vi.advanceTimersByTime(passed)
      await store.now()
      await store.get('lease')
    }
    expect(asked).toEqual(['https://storage.azure.com/.default', 'https://storage.azure.com/.default'])
  })

  test.for([null, 'a secret of nobody', 'a secret\nof nobody'])('that is of no use is refused, and not shown', async (token) => {
    const { credential } = credentialOf(token)
    const { open } = await serve()
    const error = await open({ credential })
      .read('fleet/web', 1)
      .catch((one: unknown) => one)
    expect(String(error)).toMatch(
      /InvalidAuthenticationInfo: Server failed to authenticate the request|invalid authorization header/,
    )
    expect(JSON.stringify(error) + String(error)).not.toMatch(/a secret/)
  })
})

test('everything that is wrong with the options is said at once, and no secret', () => {
  const wrong = { account: 'No', container: 'a--b', prefix: 'x', endpoint: 'nowhere', credential: TOKEN, colour: 1 } as never
  expect(() => azureBlob(wrong)).toThrow(
    /options\.account[^]*options\.container[^]*options\.credential[^]*options\.prefix[^]*options\.endpoint[^]*options\.colour/,
  )
  const { credential } = { credential: { getToken: async () => null } }
  const ids = [azureBlob({ account: 'shop', container: 'journals', credential, prefix: '' }).id]
  expect(ids).toEqual(['azure-blob:shop/journals/'])
})
