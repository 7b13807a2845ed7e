import type { Measurement, Subject } from '../core/command.ts'
import type { Fact } from '../core/events.ts'
import type { Gate, MetricCheck, Verdict } from '../core/plan.ts'
import { formatQuestion, type Question } from '../core/question.ts'
import { waypointOf, type RolloutState } from '../core/state.ts'
import { judgeSamples, worst } from '../core/verdict.ts'
import { askHttp, isYes } from './ask-http.ts'
import { bounded } from './deadline.ts'
import type { Runtime } from './runtime.ts'
import { letGo } from './scope.ts'

// M1. A measurement is asked by the loop and its answer is an event; gates read events only.
// M2. What cannot be measured is `error`, what has no data is `no-data`: neither is ever a pass.

/** Asks every question of a turn side by side; each has its deadline. */
export async function measure(
  runtime: Runtime,
  state: RolloutState,
  questions: readonly Measurement[],
  signal: AbortSignal | undefined,
): Promise<Fact[]> {
  const answers = await Promise.all(questions.map((question) => measureOne(runtime, state, question, signal)))
  return together(answers.flat())
}

/** Instances that have not drained are one event a generation, however many they are. */
function together(facts: readonly Fact[]): Fact[] {
  const others: Fact[] = []
  const asked = new Map<string, Extract<Fact, { type: 'drain.asked' }>>()
  for (const fact of facts) {
    if (fact.type !== 'drain.asked') others.push(fact)
    else {
      const before = asked.get(fact.generation)
      asked.set(fact.generation, { ...fact, ...before, instances: [...(before?.instances ?? []), ...fact.instances] })
    }
  }
  return [...others, ...asked.values()]
}

async function measureOne(
  runtime: Runtime,
  state: RolloutState,
  question: Measurement,
  signal: AbortSignal | undefined,
): Promise<Fact[]> {
  if (question.kind === 'drain') return await askDrain(runtime, state, question, signal)
  const gate = waypointOf(state)?.gates.find((one) => one.id === question.gate)
  if (gate?.kind !== 'verify' && gate?.kind !== 'analysis') return []
  const found =
    gate.kind === 'verify' ? [await verified(runtime, gate, question, signal)] : await analysed(runtime, gate, question, signal)
  // Let go in the middle: nothing was learned, so nothing is said.
  if (letGo(signal)) return []
  const { waypoint, number } = question
  return [{ type: 'measurement.taken', waypoint, gate: gate.id, number, verdict: worst(found.map((one) => one.verdict)), found }]
}

type Found = Extract<Fact, { type: 'measurement.taken' }>['found'][number]
type GateQuestion = Extract<Measurement, { kind: 'gate' }>

async function verified(
  runtime: Runtime,
  gate: Extract<Gate, { kind: 'verify' }>,
  question: GateQuestion,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const { question: asked } = gate
  const name = formatQuestion(asked)
  const subject = question.subjects[0]
  if (subject === undefined || (asked.kind === 'check' && runtime.checks[asked.name] === undefined))
    return { name, verdict: 'error', detail: 'this process has no such check' }
  const key = `${gate.id}/${question.number}`
  return await judged(name, async () => {
    const yes = await bounded(runtime.system.clock, gate.timeoutMs, signal, name, (within) =>
      runtime.caller.call(
        { port: 'check', target: asked.kind === 'check' ? asked.name : 'http', name: 'ask', times: 1 },
        async () => await says(runtime, asked, subject, key, within),
        within,
      ),
    )
    return { verdict: yes ? 'pass' : 'fail' }
  })
}

async function says(runtime: Runtime, asked: Question, subject: Subject, key: string, signal: AbortSignal): Promise<boolean> {
  if (asked.kind === 'http') return isYes(await askHttp(asked, subject, { signal }))
  return (await runtime.checks[asked.name]?.({ ...asContext(subject), key, signal })) === true
}

async function analysed(
  runtime: Runtime,
  gate: Extract<Gate, { kind: 'analysis' }>,
  question: GateQuestion,
  signal: AbortSignal | undefined,
): Promise<Found[]> {
  const until = runtime.system.clock.now()
  return await Promise.all(
    gate.metrics.map((metric, index) => {
      const subject = question.subjects[index]
      return judged(
        `${metric.source}: ${metric.query}`,
        async () => await readMetric(runtime, gate, metric, subject, until, signal),
      )
    }),
  )
}

async function readMetric(
  runtime: Runtime,
  gate: Extract<Gate, { kind: 'analysis' }>,
  metric: MetricCheck,
  subject: Subject | undefined,
  until: number,
  signal: AbortSignal | undefined,
): Promise<Omit<Found, 'name'>> {
  const source = runtime.metrics[metric.source]
  if (source === undefined || subject === undefined) return { verdict: 'error', detail: 'this process has no such metric source' }
  const query = { query: metric.query, subject, from: until - gate.windowMs, until }
  const samples = await bounded(runtime.system.clock, gate.timeoutMs, signal, metric.query, (within) =>
    runtime.caller.call(
      { port: 'metric', target: metric.source, name: 'read', times: 1 },
      () => source.read(query, { signal: within }),
      within,
    ),
  )
  return judgeSamples(metric, samples, query.from)
}

/** A question that fails is an `error`: it could not be measured. */
async function judged(name: string, body: () => Promise<Omit<Found, 'name'>>): Promise<Found> {
  try {
    return { name, ...(await body()) }
  } catch (error) {
    const verdict: Verdict = 'error'
    return { name, verdict, detail: error instanceof Error ? error.message : String(error) }
  }
}

async function askDrain(
  runtime: Runtime,
  state: RolloutState,
  question: Extract<Measurement, { kind: 'drain' }>,
  signal: AbortSignal | undefined,
): Promise<Fact[]> {
  const { drain } = state.plan
  const done = await judged('drain', async () => {
    const yes = await bounded(runtime.system.clock, drain.timeoutMs, signal, 'drain', (within) =>
      runtime.caller.call(
        { port: 'drain', target: drain.hook?.kind === 'check' ? drain.hook.name : 'http', name: 'ask', times: 1 },
        () => drained(runtime, state, question, within),
        within,
      ),
    )
    return { verdict: yes ? 'pass' : 'fail' }
  })
  if (letGo(signal)) return []
  const { instance, generation } = question
  if (done.verdict === 'pass') return [{ type: 'instance.drained', instance, generation, clean: true }]
  const why = done.detail === undefined ? {} : { why: `${instance}: ${done.detail}` }
  return [{ type: 'drain.asked', generation, instances: [instance], ...why }]
}

async function drained(
  runtime: Runtime,
  state: RolloutState,
  question: Extract<Measurement, { kind: 'drain' }>,
  signal: AbortSignal,
): Promise<boolean> {
  const { hook } = state.plan.drain
  if (hook === undefined) return true
  const { key, subject } = question
  if (hook.kind === 'check') return await says(runtime, hook, subject, key, signal)
  const status = await askHttp(hook, subject, { method: 'POST', headers: { 'idempotency-key': key }, signal })
  // 202: it has begun to drain and is not done yet.
  return isYes(status) && status !== 202
}

function asContext({ binding: _binding, ...context }: Subject) {
  return context
}
