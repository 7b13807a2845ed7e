import { expect, test } from 'vitest'
import { callFailed } from '../../src/core/errors.ts'
import { functionMetrics, type Reading } from '../../src/metrics/function.ts'

const QUERY = { query: 'errors', subject: { group: 'web', release: 'r-1' }, from: 1_000, until: 61_000 }
const { signal } = new AbortController()

test('a number is that of now, nothing is no data, and zero is zero', async () => {
  const answer = (reading: Reading | Promise<Reading>) => functionMetrics(() => reading).read(QUERY, { signal })
  expect(await answer(0.5)).toEqual([{ at: 61_000, value: 0.5 }])
  expect(await answer(Promise.resolve(0))).toEqual([{ at: 61_000, value: 0 }])
  for (const nothing of [undefined, null, []]) expect(await answer(nothing)).toEqual([])
})

test('samples are those of the window', async () => {
  const samples = [999, 1_000, 61_000, 61_001].map((at) => ({ at, value: at }))
  const read = functionMetrics(() => samples).read(QUERY, { signal })
  expect((await read).map((one) => one.at)).toEqual([1_000, 61_000])
})

test('is told what it is asked, and when nobody waits any more', async () => {
  const given: unknown[] = []
  await functionMetrics((...all) => given.push(...all)).read(QUERY, { signal })
  expect(given).toEqual([QUERY, { signal }])
})

test('an answer that is no finite number is an error', async () => {
  for (const odd of [Number.NaN, Infinity, '1', true, {}, [1], [{ at: 2_000, value: '1' }]])
    await expect(functionMetrics(() => odd as Reading).read(QUERY, { signal })).rejects.toMatchObject({
      facts: { class: 'invalid' },
    })
})

test('a throw is an error with its reason; one that is classed already stays so', async () => {
  const thrown = async (error: Error) => {
    const source = functionMetrics(() => {
      throw error
    })
    return await source.read(QUERY, { signal })
  }
  const cause = new TypeError('no numbers today')
  await expect(thrown(cause)).rejects.toMatchObject({
    facts: { class: 'transient' },
    message: expect.stringContaining('today'),
    cause,
  })
  await expect(thrown(callFailed('denied', 'stats', 'Not you.'))).rejects.toMatchObject({ facts: { class: 'denied' } })
})

test('is not asked when nobody waits, and not waited for when nobody does any more', async () => {
  let asked = 0
  const mute = functionMetrics(() => {
    asked++
    return new Promise(() => undefined)
  })
  await expect(mute.read(QUERY, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'call-failed' })
  expect(asked).toBe(0)
  const letGo = new AbortController()
  const reading = mute.read(QUERY, { signal: letGo.signal })
  letGo.abort()
  await expect(reading).rejects.toMatchObject({ code: 'call-failed' })
})
