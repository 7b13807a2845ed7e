import assert from 'node:assert/strict'
import { isRolloutError } from '../../../core/errors.ts'
import { WINDOW_MS, type MetricTest } from './bench.ts'

/** Numbers, and what is no number. */
export function answerTests(test: MetricTest): void {
  test('says what it is', async ({ source }) => {
    assert.equal(source.contract, 1)
    assert.notEqual(source.kind, '')
  })

  test('answers about each subject with its own numbers, zero among them', async (metrics) => {
    for (const { value, ...question } of metrics.known) {
      const newest = await metrics.newest(question)
      assert.ok(newest !== undefined && Math.abs(newest - value) < 1e-9, `${newest} instead of ${value}`)
    }
  })

  test('answers with finite numbers of the window', async (metrics) => {
    for (const question of metrics.known) {
      const until = metrics.time.now()
      const samples = await metrics.ask(question, undefined, until)
      assert.ok(samples.length > 0)
      for (const { at, value } of samples) {
        assert.ok(Number.isFinite(value), `a value is ${value}`)
        assert.ok(at >= until - WINDOW_MS && at <= until, `${at} is not in the window before ${until}`)
      }
    }
  })

  test('answers the same for the same window: asking changes nothing', async (metrics) => {
    for (const question of metrics.known) {
      const until = metrics.time.now()
      const first = await metrics.ask(question, undefined, until)
      assert.deepEqual(await metrics.ask(question, undefined, until), first)
    }
  })

  test('answers with an empty list, and not with zero, where there is no data', async (metrics) => {
    assert.deepEqual(await metrics.ask(metrics.quiet), [])
  })

  test('answers with an empty list about a subject that is not there', async (metrics) => {
    const { query, subject } = metrics.quiet
    const gone = { group: `${subject.group}-none`, binding: `${subject.group}-none`, release: `${subject.release}-none` }
    assert.deepEqual(await metrics.ask({ query, subject: gone }), [])
  })
}

/** A query that the source does not know. */
export function strangerTests(test: MetricTest, query: string): void {
  test('an unknown query is refused, and is not taken for no data', async (metrics) => {
    const { subject } = metrics.quiet
    const end = await metrics.ask({ query, subject }).catch((error: unknown) => error)
    assert.ok(isRolloutError(end, 'name-unknown') || isRolloutError(end, 'call-failed'), `it ended with ${String(end)}`)
  })
}
