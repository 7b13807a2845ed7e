import { gathering } from '../../providers/aws/sdk/gathering.ts'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'

const { signal } = new AbortController()

/** Something that is read, and which keys it was asked for at once. */
function reading({ most = 10, gone = '' } = {}) {
  const asked: string[][] = []
  const reserved: boolean[] = []
  const read = gathering<string>(most, {
    reserve: async () => undefined,
    async read(keys, _signal, isReserved) {
      asked.push([...keys])
      reserved.push(isReserved)
      if (keys.includes(gone)) throw new Error(`${gone} is gone`)
      return keys.map((key) => `the ${key}`)
    },
  })
  return { read, asked, reserved }
}

test('what is asked for side by side is read in one go, and what comes later is read later', async () => {
  const { read, asked } = reading()
  const [first] = await Promise.all([read(['a'], signal), read(['b', 'c'], signal), read(['a'], signal)])
  expect(first).toEqual(['the a', 'the b', 'the c'])
  await read(['a'], signal)
  expect(asked).toEqual([['a', 'b', 'c'], ['a']])
})

test('no more is read at once than may be', async () => {
  const { read, asked } = reading({ most: 2 })
  await Promise.all([read(['a'], signal), read(['b'], signal), read(['c'], signal)])
  expect(asked).toEqual([['a', 'b'], ['c']])
})

test('a key that is gone takes nothing from the others', async () => {
  const { read, reserved } = reading({ gone: 'b' })
  const answers = await Promise.allSettled([read(['a'], signal), read(['b'], signal)])
  expect(answers.map((one) => one.status)).toEqual(['fulfilled', 'rejected'])
  // The one call was reserved for; those that are made in its place are not.
  expect(reserved).toEqual([true, false, false])
})

test('who lets go takes nothing from the others, and waits for nothing', async () => {
  const { read, asked } = reading()
  const letting = new AbortController()
  const answers = Promise.allSettled([read(['a'], letting.signal), read(['b'], signal), read(['c'], AbortSignal.abort())])
  letting.abort()
  expect((await answers).map((one) => one.status)).toEqual(['rejected', 'fulfilled', 'rejected'])
  expect(asked).toEqual([['a', 'b', 'c']])
})

test('what fails for nobody but who has let go before it asked ends no process', async () => {
  const { read, asked } = reading({ gone: 'a' })
  const unheard: unknown[] = []
  const hear = (error: unknown) => void unheard.push(error)
  process.on('unhandledRejection', hear)
  onTestFinished(() => void process.off('unhandledRejection', hear))
  await expect(read(['a'], AbortSignal.abort())).rejects.toThrow('let go of')
  await vi.waitFor(() => expect(asked).toEqual([['a']]))
  await setImmediate()
  expect(unheard).toEqual([])
})
