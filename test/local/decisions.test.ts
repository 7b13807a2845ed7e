import { describe, expect, test } from 'vitest'
import { bury } from '../../providers/local/daemon/bury.ts'
import { converge } from '../../providers/local/daemon/converge.ts'
import { counted, judged, type Answer } from '../../providers/local/daemon/health.ts'
import { emptyState, type GroupRecord, type InstanceRecord } from '../../providers/local/daemon/state.ts'
import { tableOf } from '../../providers/local/daemon/table.ts'
import { changeLaunch, launchDigest, parseLaunch } from '../../providers/local/launch/settings.ts'

function instance(id: string, more: Partial<InstanceRecord> = {}): InstanceRecord {
  return { id, release: 'r-1', port: 20_000, launchedAt: 0, health: 'healthy', process: { pid: 1, start: '1' }, ...more }
}

function group(more: Partial<GroupRecord> = {}): GroupRecord {
  const defaults = {
    id: 'web',
    release: 'r-1',
    sizes: { 'r-1': 0 },
    min: 0,
    max: 10,
    zones: [],
    holds: [],
    failures: { count: 0 },
  }
  return { ...defaults, version: 1, backoff: { deaths: 0, until: 0 }, retiring: false, instances: [], ...more }
}

describe('converge', () => {
  const port = () => 20_001
  const removed = (one: GroupRecord) => one.instances.filter(({ removing }) => removing !== undefined).map(({ id }) => id)

  test('adds what is missing, over the zones', () => {
    const one = group({ sizes: { 'r-1': 4 }, zones: ['a', 'b'] })
    converge(one, 5, port)
    expect(one.instances.map(({ zone, launchedAt }) => `${zone} ${launchedAt}`)).toEqual(['a 5', 'b 5', 'a 5', 'b 5'])
  })

  test('takes those that serve nobody first, then the youngest, and nobody twice', () => {
    const instances = [
      instance('old'),
      instance('young', { launchedAt: 9 }),
      instance('sick', { health: 'unhealthy' }),
      instance('new', { health: 'starting' }),
    ]
    const one = group({ sizes: { 'r-1': 1 }, instances })
    converge(one, 10, port)
    converge(one, 11, port)
    expect(removed(one)).toEqual(['young', 'sick', 'new'])
    expect(one.instances.map(({ removing }) => removing?.at)).toEqual([undefined, 10, 10, 10])
  })

  test('moves each release on its own', () => {
    const one = group({ sizes: { 'r-1': 1, 'r-2': 1 }, instances: [instance('a'), instance('b', { launchedAt: 1 })] })
    converge(one, 10, port)
    expect(removed(one)).toEqual(['b'])
    expect(one.instances.filter(({ release }) => release === 'r-2')).toHaveLength(1)
  })

  test('launches nothing during a backoff, in a group that is retired, or without a port', () => {
    for (const one of [
      group({ sizes: { 'r-1': 1 }, backoff: { deaths: 1, until: 11 } }),
      group({ sizes: { 'r-1': 1 }, retiring: true }),
    ]) {
      converge(one, 10, port)
      expect(one.instances).toEqual([])
    }
    const portless = group({ sizes: { 'r-1': 1 } })
    converge(portless, 10, () => undefined)
    expect(portless.instances).toEqual([])
  })
})

describe('bury', () => {
  const death = { instance: 'a', class: 'transient' as const, message: 'a was ended by SIGKILL' }
  const stateWith = (one: GroupRecord) => ({ ...emptyState(), groups: { web: one } })

  test('counts a death and waits longer after each, up to half a minute', () => {
    const waits: number[] = []
    const state = stateWith(group({ sizes: { 'r-1': 1 } }))
    for (let died = 0; died < 9; died++) {
      state.groups.web.instances = [instance('a')]
      bury(state, death, 0)
      waits.push(state.groups.web.backoff.until)
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    expect(state.groups.web.failures).toEqual({ count: 9, last: { class: 'transient', message: death.message } })
  })

  test('begins again after one that was healthy for long', () => {
    const state = stateWith(group({ backoff: { deaths: 5, until: 0 }, instances: [instance('a', { healthyAt: 0 })] }))
    bury(state, death, 10_000)
    expect(state.groups.web.backoff).toEqual({ deaths: 1, until: 10_250 })
  })

  test('blames nobody for one that was being removed, or never ran', () => {
    for (const [more, told] of [[{ removing: { at: 1 } }, {}] as const, [{}, { blameless: true }] as const]) {
      const state = stateWith(group({ instances: [instance('a', more)] }))
      bury(state, { ...death, ...told }, 0)
      expect(state.groups.web).toMatchObject({ instances: [], failures: { count: 0 }, backoff: { deaths: 0 } })
    }
  })

  test('gives the place of another release to the launch release, unless it was given up', () => {
    const kept = stateWith(group({ release: 'r-2', sizes: { 'r-1': 2, 'r-2': 0 }, instances: [instance('a'), instance('b')] }))
    bury(kept, death, 0)
    expect(kept.groups.web).toMatchObject({ sizes: { 'r-1': 1, 'r-2': 1 }, version: 2 })
    const given = stateWith(group({ release: 'r-2', sizes: { 'r-1': 1, 'r-2': 0 }, instances: [instance('a'), instance('b')] }))
    bury(given, death, 0)
    expect(given.groups.web).toMatchObject({ sizes: { 'r-1': 1, 'r-2': 0 }, version: 1 })
  })
})

describe('health', () => {
  const settings = parseLaunch({
    command: ['x'],
    health: { path: '/', healthyThreshold: 2, unhealthyThreshold: 3, startup: '10s' },
  }).health
  const afterAnswers = (health: InstanceRecord['health'], answers: readonly Answer[], now = 1_000) => {
    const streak = answers.reduce(counted, { good: 0, bad: 0 })
    return judged(instance('a', { health }), streak, settings, now)
  }

  test.each<[InstanceRecord['health'], string, InstanceRecord['health']]>([
    ['starting', '+', 'starting'],
    ['starting', '++', 'healthy'],
    ['starting', '+-+', 'starting'],
    ['starting', '-----', 'starting'],
    ['healthy', '--', 'healthy'],
    ['healthy', '--+--', 'healthy'],
    ['healthy', '---', 'unhealthy'],
    ['unhealthy', '+', 'unhealthy'],
    ['unhealthy', '++', 'healthy'],
  ])('%s after %s is %s', (before, answers, after) => {
    expect(
      afterAnswers(
        before,
        answers.split('').map((one) => (one === '+' ? undefined : 'bad')),
      ),
    ).toBe(after)
  })

  test('is lost by one that took too long to start', () => {
    expect(afterAnswers('starting', ['bad'], 10_001)).toBe('unhealthy')
    expect(afterAnswers('starting', [undefined], 10_001)).toBe('starting')
  })
})

test('the table sends requests to the healthy who stay, and keeps the others in sight', () => {
  const instances = [
    instance('in'),
    instance('starting', { health: 'starting' }),
    instance('removed', { removing: { at: 1 } }),
    instance('left'),
    instance('stopped', { removing: { at: 1, stoppedAt: 2 } }),
  ]
  const unborn = instance('unborn')
  delete unborn.process
  const pools = [{ binding: 'web', weight: 100, members: { web: { left: ['left'] }, gone: { left: [] } } }]
  const state = {
    ...emptyState(),
    groups: { web: group({ instances: [...instances, unborn] }) },
    services: { web: { name: 'web', host: '127.0.0.1', port: 8_080, version: 1, pools } },
  }
  const targets = tableOf(state).services[0]?.pools[0]?.targets.map((one) => `${one.instance} ${one.state}`)
  expect(targets).toEqual(['in in', 'starting draining', 'removed draining', 'left draining'])
})

describe('launch settings', () => {
  test('have one digest however they are written, and another for every difference', () => {
    const a = parseLaunch({ command: ['x'], env: { A: '1', B: '2' }, health: { interval: '1s' } })
    const b = parseLaunch({ health: { interval: 1_000 }, env: { B: '2', A: '1' }, command: ['x'] })
    expect(launchDigest(a)).toBe(launchDigest(b))
    expect(launchDigest(changeLaunch(a, { env: { A: '2' } }))).not.toBe(launchDigest(a))
  })

  test('changed by nothing stay what they are', () => {
    const settings = parseLaunch({ command: ['x'], port: 8_080, health: { path: '/', startup: '2m' }, stop: { graceMs: 7 } })
    expect(changeLaunch(settings, {})).toEqual(settings)
    expect(changeLaunch(settings, { port: null, command: ['y', 'z'] })).toEqual({
      ...changeLaunch(settings, { command: ['y', 'z'] }),
      port: undefined,
    })
  })

  test.each([
    {},
    { command: [] },
    { command: ['x'], port: 0 },
    { command: ['x'], env: { '1A': 'x' } },
    { command: ['x'], health: { path: 'health' } },
  ])('are refused: %j', (settings) => {
    expect(() => parseLaunch(settings)).toThrow(expect.objectContaining({ code: 'spec-invalid' }))
  })
})
