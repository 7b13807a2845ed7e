import assert from 'node:assert/strict'
import { isRolloutError } from '../../../core/errors.ts'
import type { MetricBench, MetricTest } from './bench.ts'

/** A source that cannot answer. */
export function failingTests(test: MetricTest): void {
  test(
    'what cannot be asked throws call-failed, and is not taken for no data',
    async (metrics) => {
      for (const question of [...metrics.known, metrics.quiet]) {
        const end = await metrics.ask(question).catch((error: unknown) => error)
        assert.ok(isRolloutError(end, 'call-failed'), `it ended with ${JSON.stringify(end)}`)
      }
    },
    'failing',
  )
}

/** A source that does not answer. */
export function silentTests(test: MetricTest): void {
  test('ends when the signal aborts, though there is no answer', async (metrics) => await abandon(metrics), 'silent')
}

/** Questions that nobody waits for any more. */
export function letGoTests(test: MetricTest): void {
  test('ends when the signal has aborted before, and answers again afterwards', async (metrics) => {
    const { value, ...question } = metrics.known[0]!
    await metrics.ask(question, AbortSignal.abort()).catch(onlyCallFailed)
    assert.equal(await metrics.newest(question), value)
  })
}

async function abandon(metrics: MetricBench): Promise<void> {
  const letGo = new AbortController()
  const answer = metrics.ask(metrics.known[0]!, letGo.signal)
  letGo.abort()
  await assert.rejects(answer, (error: unknown) => isRolloutError(error, 'call-failed'))
}

function onlyCallFailed(error: unknown): void {
  if (!isRolloutError(error, 'call-failed')) throw error
}
