import {
  analysis,
  approve,
  backByWeights,
  bake,
  blueGreen,
  canary,
  defineStrategy,
  healthy,
  soak,
  terms,
  verify,
  waypoint,
  type Course,
  type Shape,
  type Strategy,
  type Waypoint,
} from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, pathsOf } from '../kit/index.ts'

/** A strategy of one's own: a switch at full size, changed in one place. */
function own(change: (course: Course) => Course): Strategy<'weights', never> {
  return defineStrategy({
    name: 'own',
    version: 1,
    options: {},
    needs: 'weights',
    plan(_options, context) {
      const given = terms(context, {})
      const waypoints = [
        waypoint('switch', 'all traffic at once', shape('warm', 100), [healthy(given), bake('30s')], given),
        waypoint('end', 'stable retired', shape('retired', 100), [], given),
      ]
      return change({ waypoints, back: backByWeights(given), notes: [] })
    },
  })
}

function shape(stable: 'serving' | 'warm' | 'retired', weight: number): Shape {
  return {
    generations: {
      stable: { size: { kind: 'at-least', share: 1 }, state: stable },
      candidate: { size: { kind: 'at-least', share: 1 }, state: 'serving' },
    },
    routing: { by: 'weights', weights: { stable: 100 - weight, candidate: weight } },
  }
}

const firstly = (course: Course, change: Partial<Waypoint>): Course => ({
  ...course,
  waypoints: course.waypoints.map((one, index) => (index === 0 ? { ...one, ...change } : one)),
})

/** The same course with another last shape: the candidate alone, changed. */
const lastly = (course: Course, change: (alone: Shape) => Shape): Course => ({
  ...course,
  waypoints: course.waypoints.map((one, index) => (index === 1 ? { ...one, shape: change(one.shape) } : one)),
})
const atEnd =
  (change: Shape['generations'], weights = { candidate: 100 }) =>
  (course: Course) =>
    lastly(course, ({ generations }) => ({ generations: { ...generations, ...change }, routing: { by: 'weights', weights } }))

const WRONG: readonly (readonly [what: string, change: (course: Course) => Course, path: string])[] = [
  ['no waypoint', (course) => ({ ...course, waypoints: [] }), 'strategy.waypoints'],
  ['no way back', (course) => ({ ...course, back: [] }), 'strategy.back'],
  ['two waypoints of one id', (course) => firstly(course, { id: 'end' }), 'strategy.waypoints[1].id'],
  [
    'two gates of one id',
    (course) => firstly(course, { gates: [bake('1m'), approve('bake')] }),
    'strategy.waypoints[0].gates[1].id',
  ],
  [
    'two approvals of one id at different waypoints',
    (course) => ({ ...course, waypoints: course.waypoints.map((one) => ({ ...one, gates: [...one.gates, approve('go')] })) }),
    'strategy.waypoints[1].gates[0].id',
  ],
  [
    'weights that do not sum to 100',
    (course) =>
      firstly(course, { shape: { ...shape('serving', 0), routing: { by: 'weights', weights: { stable: 60, candidate: 30 } } } }),
    'strategy.waypoints[0].shape.routing.weights',
  ],
  [
    'weight for a generation that does not serve',
    (course) => firstly(course, { shape: shape('warm', 50) }),
    'strategy.waypoints[0].shape.routing.weights.stable',
  ],
  [
    'an end at which stable is still there',
    (course) => ({ ...course, waypoints: course.waypoints.slice(0, 1) }),
    'strategy.waypoints[0].shape',
  ],
  [
    'an end at which a baseline serves on',
    atEnd({ baseline: { size: { kind: 'count', count: 1 }, state: 'serving' } }),
    'strategy.waypoints[1].shape',
  ],
  [
    'an end at which half of the fleet is left',
    atEnd({ candidate: { size: { kind: 'exactly', share: 0.5 }, state: 'serving' } }),
    'strategy.waypoints[1].shape',
  ],
  [
    'an end at which so many are left, whatever the demand',
    atEnd({ candidate: { size: { kind: 'count', count: 3 }, state: 'serving' } }),
    'strategy.waypoints[1].shape',
  ],
  [
    'an end at which the candidate only stands by',
    atEnd({ candidate: { size: { kind: 'at-least', share: 1 }, state: 'warm' } }),
    'strategy.waypoints[1].shape',
  ],
  ['an end without all of the traffic', atEnd({}, { candidate: 99 }), 'strategy.waypoints[1].shape'],
  ['a way back that keeps the candidate', (course) => ({ ...course, back: course.back.slice(0, 1) }), 'strategy.back[0].shape'],
  [
    'two ways of routing',
    (course) => firstly(course, { shape: { ...shape('serving', 0), routing: { by: 'count' } } }),
    'strategy.waypoints[0].shape.routing.by',
  ],
  [
    'a person on the way back',
    (course) => ({ ...course, back: course.back.map((one) => ({ ...one, gates: [approve('sure')] })) }),
    'strategy.back[0].gates[0].kind',
  ],
  [
    'a deadline that is no number',
    (course) => firstly(course, { progressDeadlineMs: NaN }),
    'strategy.waypoints[0].progressDeadlineMs',
  ],
  ['an updater where there are clones', (course) => firstly(course, { agency: 'native' }), 'strategy.waypoints[0].agency'],
  [
    'an updater on the way back',
    (course) => ({ ...course, back: course.back.map((one) => ({ ...one, agency: 'native' as const })) }),
    'strategy.back[0].agency',
  ],
]

describe('a strategy of one’s own', () => {
  const site = createSite()
  const { fleet } = site.process()
  test.for([
    ['one that is retired at the end, too', { baseline: { size: { kind: 'count', count: 1 }, state: 'retired' } }],
    ['the rest of the demand', { candidate: { size: { kind: 'rest' }, state: 'serving' } }],
  ] as const)('may end with %s', async ([, change]) => {
    const plan = await site.settled(fleet.plan({ image: 'img-2', strategy: own(atEnd(change)) }))
    expect(plan.waypoints).toHaveLength(2)
  })
  test('is planned when its course is sound', async () => {
    const plan = await site.settled(fleet.plan({ image: 'img-2', strategy: own((course) => course) }))
    expect(plan.waypoints.map((one) => one.id)).toEqual(['switch', 'end'])
  })
  test.for(WRONG)('with %s is refused, by the place', async ([, change, path]) => {
    const error = await site.refused(fleet.plan({ image: 'img-2', strategy: own(change) }), 'spec-invalid')
    expect(pathsOf(error)).toContain(path)
  })
  test('whose gate names a check that nobody registered is refused', async () => {
    const naming = own((course) => firstly(course, { gates: [verify('smoke')] }))
    const error = await site.refused(fleet.plan({ image: 'img-2', strategy: naming }), 'spec-invalid')
    expect(pathsOf(error)).toEqual(['strategy.waypoints[0].gates[0].question.name'])
  })
  test('which takes the name of a built-in one is refused: a plan could not be made anew by it', async () => {
    const strategy: Strategy = {
      ...own((course) => course),
      ...defineStrategy({ name: 'canary', version: 1, options: {}, plan: never }),
    }
    expect(pathsOf(await site.refused(fleet.plan({ image: 'img-2', strategy }), 'spec-invalid'))).toContain('strategy.name')
  })
})

const never = (): Course => ({ waypoints: [], back: [], notes: [] })

describe('gates are built with the times that were meant', () => {
  const bad = '10 minutes' as '10m'
  test.for([
    ['bake', () => bake(bad)],
    ['soak', () => soak(bad)],
    ['verify-smoke', () => verify('smoke', bad)],
    ['go', () => approve('go', bad)],
    ['numbers.interval', () => analysis('numbers', { metrics: [METRIC], interval: bad })],
  ] as const)('%s', ([path, build]) => {
    expect(build).toThrow(
      expect.objectContaining({
        code: 'spec-invalid',
        facts: { problems: [expect.objectContaining({ path: `strategy.${path}` })] },
      }),
    )
  })
  test('also within a strategy of one’s own', async () => {
    const site = createSite()
    const strategy = own((course) => firstly(course, { gates: [bake(bad)] }))
    const error = await site.refused(site.process().fleet.plan({ image: 'img-2', strategy }), 'spec-invalid')
    expect(pathsOf(error)).toEqual(['strategy.bake'])
  })
})

const METRIC = { source: 'errors', query: 'rate', must: { op: '<', value: 0.01 } } as const

describe('analysis', () => {
  test('is the gate that the built-in strategies make of the same options', async () => {
    const site = createSite()
    const metrics = { errors: { contract: 1, kind: 'none', read: async () => [] } } as const
    const { fleet } = site.process({ metrics })
    const options = { metrics: [METRIC], interval: '10s', count: 2, onNoData: 'pause' } as const
    const plan = await site.settled(fleet.plan({ image: 'img-2', strategy: blueGreen({ analysis: options }) }))
    expect(plan.waypoints[1]?.gates).toContainEqual(analysis('analysis', options))
  })
})

const smoking = () => {
  const site = createSite()
  return { site, ...site.process({ checks: { smoke: () => true } }) }
}

describe('approvals of a canary', () => {
  test('before the first weight: the candidate waits for it without traffic, verified', async () => {
    const { site, fleet } = smoking()
    const strategy = canary({ weights: [5, 50], verify: ['smoke'], approvals: { 5: { id: 'go' }, 100: { id: 'all' } } })
    const plan = await site.settled(fleet.plan({ image: 'img-2', strategy }))
    expect(plan.waypoints.map((one) => [one.id, ...one.gates.map((gate) => gate.id)])).toEqual([
      ['weight-0', 'healthy', 'verify-smoke', 'go'],
      ['weight-5', 'healthy', 'bake'],
      ['weight-50', 'healthy', 'bake', 'all'],
      ['weight-100', 'healthy', 'bake'],
      ['retire-stable'],
    ])
    const rollout = await site.settled(fleet.start(plan))
    const shifts: unknown[] = []
    rollout.on('traffic.shifted', (event) => void shifts.push(event.weights))
    const ended = rollout.run()
    await site.pass(600_000)
    expect(shifts).toEqual([])
    await site.settled(rollout.approve('go'))
    await site.pass(900_000)
    await site.settled(rollout.approve('all'))
    expect((await site.settled(ended)).outcome).toBe('promoted')
  })
  test('before a weight that is none of it are refused, by the weight', async () => {
    const { site, fleet } = smoking()
    const strategy = canary({ weights: [5, 50], approvals: { 30: { id: 'thirty' } } })
    expect(pathsOf(await site.refused(fleet.plan({ image: 'img-2', strategy }), 'spec-invalid'))).toEqual([
      'strategy.approvals[30]',
    ])
  })
  test('by count, before the first share, are refused', async () => {
    const counting = createSite({ router: { weights: false } })
    const strategy = canary({ weights: [5, 50], approvals: { 5: { id: 'go' } } })
    const error = await counting.refused(counting.process().fleet.plan({ image: 'img-2', strategy }), 'spec-invalid')
    expect(pathsOf(error)).toEqual(['strategy.approvals[5]'])
  })
  test('of one id before two weights are refused: approve(id) would not say which', async () => {
    const { site, fleet } = smoking()
    const strategy = canary({ weights: [5, 50], approvals: { 50: { id: 'go' }, 100: { id: 'go' } } })
    expect((await site.refused(fleet.plan({ image: 'img-2', strategy }), 'spec-invalid')).facts.problems).toEqual([
      {
        path: 'strategy.waypoints[1].gates[2].id',
        found: 'a second approval "go": the waypoint "weight-5" asks for it too',
        allowed: 'an id of its own, by which approve(id) means this one',
      },
    ])
  })
  test.for([
    ['canary', canary({ weights: [34], approvals: { 100: { id: 'bake' } } })],
    ['blue/green', blueGreen({ approval: { id: 'healthy' } })],
    ['canary that verifies', canary({ weights: [34], verify: ['smoke'], approvals: { 34: { id: 'verify-smoke' } } })],
  ] as const)('whose id is another gate’s are refused (%s)', async ([, strategy]) => {
    const { site, fleet } = smoking()
    const paths = pathsOf(await site.refused(fleet.plan({ image: 'img-2', strategy }), 'spec-invalid'))
    expect(paths).toEqual([expect.stringMatching(/^strategy\.waypoints\[0\]\.gates\[\d\]\.id$/)])
  })
})
