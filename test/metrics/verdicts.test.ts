import { describe, expect, test } from 'vitest'
import { functionMetrics, type Reading } from '../../src/metrics/function.ts'
import { httpMetrics } from '../../src/metrics/http.ts'
import { judge } from './site.ts'

const OUTCOMES = { rollback: 'rolled-back', abort: 'aborted', pause: 'paused', proceed: 'promoted' } as const
const CONSEQUENCES = ['rollback', 'abort', 'pause', 'proceed'] as const

/** Each verdict that is not pass: what the source answers, and what says what follows. */
const VERDICTS = {
  fail: { answer: (): Reading => 3, follows: 'onFail', byDefault: 'rolled-back' },
  inconclusive: { answer: (): Reading => 1.5, follows: 'onInconclusive', byDefault: 'rolled-back' },
  'no-data': { answer: (): Reading => undefined, follows: 'onNoData', byDefault: 'rolled-back' },
  error: {
    answer: (): Reading => {
      throw new TypeError('no numbers today')
    },
    follows: 'onError',
    byDefault: 'rolled-back',
  },
} as const

describe.for(Object.keys(VERDICTS) as (keyof typeof VERDICTS)[])('a measurement that says %s', (verdict) => {
  const { answer, follows, byDefault } = VERDICTS[verdict]
  const source = functionMetrics(answer)

  test.for(CONSEQUENCES)('is followed by a %s where that was declared', async (then) => {
    const ending = await judge(source, { [follows]: then })
    expect(ending.verdicts).toEqual([verdict])
    expect(ending.judged).toBe(verdict)
    expect(ending.outcome).toBe(OUTCOMES[then])
  })

  test('never passes by default', async () => {
    const ending = await judge(source)
    expect(new Set(ending.verdicts)).toEqual(new Set([verdict]))
    expect(ending.outcome).toBe(byDefault)
  })
})

test('measurements that pass open the gate, and no fewer than are asked for', async () => {
  const ending = await judge(functionMetrics(() => 0))
  expect(ending).toMatchObject({ verdicts: ['pass', 'pass'], judged: 'pass', outcome: 'promoted' })
})

test('where nothing is concluded it is measured again until the deadline, and then it has not passed', async () => {
  for (const verdict of ['inconclusive', 'no-data', 'error'] as const) {
    const ending = await judge(functionMetrics(VERDICTS[verdict].answer), { deadline: '60s' })
    expect(ending.verdicts.length).toBeGreaterThanOrEqual(4)
    expect(ending).toMatchObject({ judged: verdict, outcome: 'rolled-back' })
  }
})

test('a number after none counts, and failures are forgiven as often as was said', async () => {
  const answers = [undefined, 0, 3, 0, 0, 0, 0, 0]
  const ending = await judge(
    functionMetrics(() => answers.shift()),
    { failureLimit: 1, count: 3 },
  )
  expect(ending).toMatchObject({ verdicts: ['no-data', 'pass', 'fail', 'pass', 'pass'], judged: 'pass', outcome: 'promoted' })
  const failures = [0, 3, 0, 3]
  const failed = await judge(
    functionMetrics(() => failures.shift()),
    { failureLimit: 1, count: 3 },
  )
  expect(failed).toMatchObject({ verdicts: ['pass', 'fail', 'pass', 'fail'], judged: 'fail', outcome: 'rolled-back' })
})

test('a source that does not answer in time is an error, also when it heeds no signal', async () => {
  const ending = await judge(
    { contract: 1, kind: 'mute', read: () => new Promise(() => undefined) },
    { timeout: '2s', onError: 'abort' },
  )
  expect(ending).toMatchObject({ verdicts: ['error'], outcome: 'aborted' })
})

test('numbers that are older than the window are no data, whatever they say', async () => {
  const stale = {
    contract: 1,
    kind: 'stale',
    read: (query: { from: number }) => Promise.resolve([{ at: query.from - 1, value: 0 }]),
  } as const
  expect(await judge(stale, { onNoData: 'abort' })).toMatchObject({ verdicts: ['no-data'], outcome: 'aborted' })
})

test('an endpoint judges a canary by what it answers about the candidate', async () => {
  const asked: string[] = []
  const source = (body: string, status = 200) =>
    httpMetrics({
      url: 'https://numbers.invalid/{query}?of={group}',
      fetch: (address) => {
        asked.push(new Request(address).url)
        return Promise.resolve(new Response(body, { status }))
      },
    })
  expect(await judge(source('0.5'))).toMatchObject({ judged: 'pass', outcome: 'promoted' })
  expect(await judge(source('{"value": 7}'))).toMatchObject({ judged: 'fail', outcome: 'rolled-back' })
  expect(await judge(source(''), { onNoData: 'abort' })).toMatchObject({ judged: 'no-data', outcome: 'aborted' })
  expect(await judge(source('0.5', 502), { onError: 'abort' })).toMatchObject({ judged: 'error', outcome: 'aborted' })
  expect(new Set(asked)).toEqual(new Set(['https://numbers.invalid/errors?of=web-v001']))
})
