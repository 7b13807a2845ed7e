import type { ServerResponse } from 'node:http'
import { functionMetrics } from 'imago/metrics/function'
import { httpMetrics } from 'imago/metrics/http'
import type { MetricSource } from '../../src/core/metric-source.ts'
import type { MetricCondition, MetricContractOptions, MetricSite } from '../../src/testing/contracts/metrics/site.ts'
import { worldTime } from '../../src/testing/contracts/time.ts'
import { createCloud } from '../../src/testing/cloud/index.ts'
import { createWorld } from '../../src/testing/world/index.ts'
import { listen } from '../kit/listen.ts'

const UNKNOWN = 'no-such-query'

/** The simulated cloud's own numbers; `adapt` may put a fault into the source. */
export function simulatedMetrics(adapt: (right: MetricSource) => Partial<MetricSource> = () => ({})): MetricContractOptions {
  return {
    unknownQuery: UNKNOWN,
    cannot: { silent: 'the simulated cloud always answers' },
    create: (condition) => createSimulated(condition, adapt),
  }
}

function createSimulated(condition: MetricCondition, adapt: (right: MetricSource) => Partial<MetricSource>): MetricSite {
  const world = createWorld({ seed: 1, bootMs: [5_000, 10_000] })
  world.images.publish('img-1', { kind: 'good' })
  world.images.publish('img-2', { kind: 'errors-under-traffic', share: 0.25 })
  const groupOf = (id: string, image: string) => ({ id, image, size: 2 })
  const { metrics } = createCloud(world, {
    fleets: [{ groups: [groupOf('web', 'img-1'), groupOf('spare', 'img-1')] }, { groups: [groupOf('shop', 'img-2')] }],
    ...(condition === 'failing' ? { faults: { kinds: [25], rates: { 25: 1 } } } : {}),
  })
  world.runUntil(world.now + 10_000)
  const query = 'error-rate'
  return {
    source: { ...metrics, ...adapt(metrics) },
    known: [
      { query, subject: { group: 'web', release: 'img-1' }, value: 0 },
      { query, subject: { group: 'shop', release: 'img-2' }, value: 0.25 },
    ],
    quiet: { query, subject: { group: 'spare', release: 'img-1' } },
    time: worldTime(world),
  }
}

/** What the sources of one's own say in these tests. */
const KNOWN: Readonly<Record<string, number>> = { web: 0, shop: 0.25 }
const ASKED: Omit<MetricSite, 'source'> = {
  known: Object.entries(KNOWN).map(([group, value]) => ({
    query: 'errors',
    subject: { group, binding: group, release: 'r-1' },
    value,
  })),
  quiet: { query: 'errors', subject: { group: 'idle', release: 'r-1' } },
}

/** A function of one's own. */
export const functions: MetricContractOptions = {
  unknownQuery: UNKNOWN,
  create: (condition) => ({
    ...ASKED,
    source: functionMetrics(async ({ query, subject }) => {
      if (condition === 'silent') await new Promise(() => undefined)
      if (condition === 'failing' || query === UNKNOWN) throw new TypeError('no numbers today')
      return KNOWN[subject.group]
    }),
  }),
}

/** An endpoint that answers over HTTP. */
export const endpoints: MetricContractOptions = {
  unknownQuery: UNKNOWN,
  create: async (condition) => {
    const { endpoint, close } = await listen((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://host')
      if (condition === 'well') answer(response, pathname === '/errors' ? 200 : 404, KNOWN[searchParams.get('of') ?? ''])
      if (condition === 'failing') answer(response, 503, 0)
    })
    return {
      ...ASKED,
      source: httpMetrics({ url: `${endpoint}/{query}?of={group}` }),
      dispose: close,
    }
  },
}

function answer(response: ServerResponse, status: number, value: number | undefined): void {
  response.writeHead(status).end(value === undefined ? '' : JSON.stringify(value))
}
