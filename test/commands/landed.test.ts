import { expect, test } from 'vitest'
import type { Command } from '../../src/core/command.ts'
import { landed } from '../../src/core/landed.ts'
import type {
  FleetSnapshot,
  GroupView,
  HoldView,
  InstanceView,
  RoutedInstance,
  RouteView,
  UpdateView,
} from '../../src/core/snapshot.ts'

/** What a look shows of one group and of the routes. */
interface Shown {
  readonly group?: Partial<GroupView>
  readonly routes?: readonly RouteView[]
  /** Whether the router has addresses for generations without traffic. @default false */
  readonly previews?: boolean
  readonly instances?: Readonly<Record<string, RoutedInstance['state']>>
}

/** A command, and looks after which it has landed or not yet, each with what it shows. */
interface Case<K extends Command['kind']> {
  readonly command: Extract<Command, { kind: K }>
  readonly yes: Readonly<Record<string, Shown>>
  readonly no: Readonly<Record<string, Shown>>
}

const group = (change: Partial<GroupView>): Shown => ({ group: change })
const routes = (...given: readonly RouteView[]): Shown => ({ routes: given })
const mark = (change: Partial<HoldView>): HoldView => ({
  kind: 'claim',
  owner: 'sim/web#1',
  epoch: 1,
  expiresAt: 100,
  store: 'store',
  ...change,
})
const one = (id: string, state: InstanceView['state'] = 'healthy'): InstanceView => ({
  id,
  release: 'img-1',
  state,
  launchedAt: 0,
})
const atWork = (state: UpdateView['state'], release: string): UpdateView => ({ id: 'u', state, release, says: `u, ${state}` })
const ABSENT: Shown = {}
const ROUTE: RouteView = { binding: 'r', weight: 40, groups: ['web'] }
const REST: RouteView = { binding: 's', weight: 60, groups: [] }

/** Every kind of command: one that is not here does not compile. */
const CASES: { readonly [K in Command['kind']]: readonly Case<K>[] } = {
  hold: [
    {
      command: { kind: 'hold', group: 'web', hold: 'claim', expiresAt: 100 },
      yes: {
        'the mark is there': group({ holds: [mark({})] }),
        'it is good for longer': group({ holds: [mark({ expiresAt: 101 })] }),
      },
      no: {
        'the group is not there': ABSENT,
        'no mark is there': group({}),
        'only a mark of the other kind is there': group({ holds: [mark({ kind: 'scale-in' })] }),
        'the mark of before is there': group({ holds: [mark({ expiresAt: 99 })] }),
      },
    },
    {
      command: { kind: 'hold', group: 'web', hold: 'scale-in', expiresAt: 100, min: 3 },
      yes: {
        'the minimum is raised': group({ min: 3, holds: [mark({ kind: 'scale-in' })] }),
        'it is raised further': group({ min: 4, holds: [mark({ kind: 'scale-in' })] }),
      },
      no: {
        'the minimum is not raised yet': group({ min: 2, holds: [mark({ kind: 'scale-in' })] }),
        'the minimum is raised and not marked yet': group({ min: 3 }),
      },
    },
  ],
  release: [
    {
      command: { kind: 'release', group: 'web', hold: 'claim' },
      yes: {
        'no mark is left': group({}),
        'the group is gone': ABSENT,
        'only the other is left': group({ holds: [mark({ kind: 'scale-in' })] }),
      },
      no: { 'the mark is left': group({ holds: [mark({ kind: 'scale-in' }), mark({})] }) },
    },
  ],
  'ensure-group': [
    {
      command: { kind: 'ensure-group', group: 'web', release: 'img-1', like: 'old', size: 3 },
      yes: { 'it is as large as asked': group({}), 'it is larger': group({ sizes: { 'img-1': 4 } }) },
      no: {
        'it is not there': ABSENT,
        'it is not as large yet': group({ sizes: { 'img-1': 2 } }),
        'it is there in part': group({ partial: true }),
        'it launches another release': group({ release: 'img-0' }),
        'only another release has a size': group({ sizes: { 'img-0': 3 } }),
      },
    },
  ],
  resize: [
    {
      command: { kind: 'resize', group: 'web', sizes: { 'img-1': 3, 'img-2': 1 } },
      yes: {
        'both are as large': group({ sizes: { 'img-1': 3, 'img-2': 1 } }),
        'both are larger': group({ sizes: { 'img-1': 4, 'img-2': 2 } }),
      },
      no: {
        'the group is gone': ABSENT,
        'one is not': group({ sizes: { 'img-1': 3 } }),
        'one is not as large': group({ sizes: { 'img-1': 2, 'img-2': 1 } }),
      },
    },
  ],
  remove: [
    {
      command: { kind: 'remove', group: 'web', instances: ['a', 'b'], sizesAfter: { 'img-1': 1 } },
      yes: {
        'they are gone': group({ instances: [one('c')] }),
        'they are ending': group({ instances: [one('a', 'terminating'), one('b', 'terminating'), one('c')] }),
        'they are gone, and the size is again what somebody wants': group({ sizes: { 'img-1': 5 }, instances: [] }),
        'the group is gone': ABSENT,
      },
      no: {
        'both are there': group({ instances: [one('a'), one('b')] }),
        'one is there': group({ instances: [one('a', 'terminating'), one('b')] }),
        'one is there, ill': group({ instances: [one('b', 'unhealthy')] }),
      },
    },
    {
      command: { kind: 'remove', group: 'web', instances: [], sizesAfter: { 'img-1': 3, 'img-2': 0 } },
      yes: {
        'the sizes are as asked': group({ sizes: { 'img-1': 3, 'img-2': 0 } }),
        'one of no size is not named': group({ sizes: { 'img-1': 3 } }),
        'they are smaller': group({ sizes: { 'img-1': 2 } }),
        'the group is gone': ABSENT,
      },
      no: {
        'one is larger': group({ sizes: { 'img-1': 4 } }),
        'the other is larger': group({ sizes: { 'img-1': 3, 'img-2': 1 } }),
      },
    },
  ],
  update: [
    {
      command: { kind: 'update', group: 'web', release: 'img-1', maxSurge: 1, maxUnavailable: 0, soakMs: 0 },
      yes: {
        'it is at work': group({ update: atWork('running', 'img-1'), instances: [{ ...one('a'), release: 'img-0' }] }),
        'nothing is left for it': group({ instances: [one('a')] }),
        'what is left is ending': group({ instances: [one('a'), { ...one('b', 'terminating'), release: 'img-0' }] }),
      },
      no: {
        'the group is not there': ABSENT,
        'nobody works': group({ instances: [{ ...one('a'), release: 'img-0' }] }),
        'it works towards another': group({ update: atWork('running', 'img-0'), instances: [one('a')] }),
        'it is over already': group({ update: atWork('ended', 'img-1'), instances: [{ ...one('a'), release: 'img-0' }] }),
      },
    },
  ],
  'stop-update': [
    {
      command: { kind: 'stop-update', group: 'web' },
      yes: {
        'nobody works': group({}),
        'it is stopping': group({ update: atWork('stopping', 'img-1') }),
        'it has ended': group({ update: atWork('ended', 'img-1') }),
        'the group is gone': ABSENT,
      },
      no: { 'it is at work': group({ update: atWork('running', 'img-1') }) },
    },
  ],
  retire: [
    {
      command: { kind: 'retire', group: 'web' },
      yes: { 'it is gone': ABSENT },
      no: { 'it is there, empty': group({ sizes: {} }) },
    },
  ],
  prepare: [
    {
      command: { kind: 'prepare', binding: 'r' },
      yes: {
        'the route is there': routes({ ...ROUTE, weight: 0, groups: [] }),
        'its preview leads to it': { routes: [{ ...ROUTE, preview: { url: 'http://r' } }], previews: true },
      },
      no: {
        'only another is there': routes(REST),
        'none is there': routes(),
        'a part of it is there': routes({ ...ROUTE, partial: true }),
        'the preview leads to another': { routes: [ROUTE, { ...REST, preview: { url: 'http://s' } }], previews: true },
        'no router was seen': ABSENT,
      },
    },
  ],
  'release-route': [
    {
      command: { kind: 'release-route', binding: 'r' },
      yes: { 'it is gone': routes(REST) },
      no: { 'it is there': routes(REST, { ...ROUTE, weight: 0, groups: [] }) },
    },
  ],
  join: [
    {
      command: { kind: 'join', binding: 'r', group: 'web' },
      yes: { 'it is joined': routes(REST, ROUTE) },
      no: {
        'the route has another group': routes({ ...ROUTE, groups: ['old'] }),
        'it is joined to another route': routes({ ...ROUTE, groups: [] }, { ...REST, groups: ['web'] }),
        'the route is gone': routes(REST),
      },
    },
  ],
  leave: [
    {
      command: { kind: 'leave', binding: 'r', group: 'web', instances: 'all' },
      yes: { 'it is not joined': routes({ ...ROUTE, groups: ['old'] }), 'the route is gone': routes(REST) },
      no: { 'it is joined, with nobody in it': { ...routes(ROUTE), instances: {} } },
    },
    {
      command: { kind: 'leave', binding: 'r', group: 'web', instances: ['a', 'b'] },
      yes: {
        'they are out': { ...routes(ROUTE), instances: { a: 'out', b: 'draining', c: 'in' } },
        'nothing is known of them': { ...routes(ROUTE), instances: { c: 'in' } },
        'the route is gone': { ...routes(REST), instances: { a: 'in' } },
      },
      no: { 'one is in': { ...routes(ROUTE), instances: { a: 'out', b: 'in' } } },
    },
  ],
  'set-weights': [
    {
      command: { kind: 'set-weights', expected: { r: 0, s: 100 }, wanted: { r: 40, s: 60, t: 0 } },
      yes: {
        'they are so': routes(ROUTE, REST),
        'a route of no weight is there': routes(ROUTE, REST, { ...REST, binding: 't', weight: 0 }),
      },
      no: {
        'they are as before': routes({ ...ROUTE, weight: 0 }, { ...REST, weight: 100 }),
        'one is so': routes(ROUTE, { ...REST, weight: 59 }),
        'a route is gone': routes(ROUTE),
        'one that should have none has some': routes(ROUTE, REST, { ...REST, binding: 't', weight: 1 }),
      },
    },
  ],
}

const cases = (Object.keys(CASES) as Command['kind'][]).flatMap((kind) =>
  CASES[kind].flatMap(({ command, yes, no }) => [
    ...Object.entries(yes).map(([shows, shown]) => ({ command, shows, shown, has: true })),
    ...Object.entries(no).map(([shows, shown]) => ({ command, shows, shown, has: false })),
  ]),
)

test.for(cases)('$command.kind: $shows', ({ command, shown, has }) => {
  expect(landed(command, lookAt(shown))).toBe(has)
})

function lookAt({ group: seen, routes: shown, previews = false, instances = {} }: Shown): FleetSnapshot {
  const plain: GroupView = {
    id: 'web',
    release: 'img-1',
    sizes: { 'img-1': 3 },
    min: 0,
    max: 10,
    holds: [],
    failures: { count: 0 },
    instances: [],
  }
  const other: GroupView = {
    ...plain,
    id: 'other',
    holds: [mark({}), mark({ kind: 'scale-in' })],
    instances: [one('a'), one('b')],
  }
  const routed = Object.fromEntries(Object.entries(instances).map(([id, state]) => [id, { state }]))
  const traffic =
    shown === undefined
      ? {}
      : { traffic: { facts: { preview: { can: previews } }, routing: { routes: shown, instances: routed } } }
  const groups = seen === undefined ? [other] : [other, { ...plain, ...seen }]
  return { groups, ...traffic } as unknown as FleetSnapshot
}
