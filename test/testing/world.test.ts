import { describe, expect, it } from 'vitest'
import { createRandom, createWorld, pace, worldClock, type World, type WorldOptions } from '../../src/testing/world/index.ts'
import { createQueue } from '../../src/testing/world/queue.ts'

function newWorld(options: Partial<WorldOptions> = {}): World {
  const world = createWorld({ seed: 7, bootMs: [1_000, 1_000], ...options })
  world.images.publish('good', { kind: 'good' })
  return world
}

function launch(world: World, image = 'good', zone = 'a') {
  const states: string[] = []
  const machine = world.machines.launch({
    owner: 'web',
    image,
    release: image,
    zone,
    onChange: ({ state }) => states.push(state),
  })
  if ('refused' in machine) throw new Error(machine.message)
  return { machine, states }
}

describe('chance', () => {
  it('is the same for the same seed and name, and another for any other', () => {
    const draw = (seed: number, name: string) => Array.from({ length: 4 }, createRandom(seed, name).next)
    expect(draw(1, 'a')).toEqual(draw(1, 'a'))
    expect(new Set([draw(1, 'a'), draw(2, 'a'), draw(1, 'b')].map(String)).size).toBe(3)
  })

  it('draws a child stream without touching its own', () => {
    const [plain, forking] = [createRandom(1), createRandom(1)]
    forking.fork('child').next()
    expect(forking.next()).toBe(plain.next())
  })

  it('spreads evenly', () => {
    const random = createRandom(3)
    const counts = [0, 0, 0, 0]
    for (let draw = 0; draw < 8_000; draw++) counts[random.whole(0, 3)]!++
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(200)
    expect(random.chance(0)).toBe(false)
    expect(random.chance(1)).toBe(true)
  })
})

describe('the queue', () => {
  it('gives entries by moment, then by the order they came in, without the cancelled', () => {
    const queue = createQueue()
    const random = createRandom(5)
    const wanted: number[] = []
    for (let index = 0; index < 1_000; index++) {
      const at = random.whole(0, 50)
      const timer = queue.push(at, () => {})
      if (random.chance(0.6)) timer.cancel()
      else wanted.push(at * 10_000 + index)
    }
    const seen: number[] = []
    for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) seen.push(entry.at * 10_000 + entry.order)
    expect(seen).toEqual(wanted.toSorted((a, b) => a - b))
  })
})

describe('time', () => {
  it('goes from event to event', () => {
    const world = newWorld()
    const beganAt = world.now
    const seen: number[] = []
    world.schedule(beganAt + 20, () => seen.push(world.now - beganAt))
    world.schedule(beganAt + 10, () => seen.push(world.now - beganAt))
    world.schedule(beganAt - 5, () => seen.push(world.now - beganAt))
    while (world.step());
    expect(seen).toEqual([0, 10, 20])
  })

  it('ends a sleep when the world is there, or when it is let go', async () => {
    const world = newWorld()
    const letGo = new AbortController()
    const ends: string[] = []
    void world.clock.sleep(100).then(() => ends.push('slept'))
    void world.clock.sleep(1_000_000, letGo.signal).then(() => ends.push('let go'))
    letGo.abort()
    world.step()
    await Promise.resolve()
    expect(ends.toSorted()).toEqual(['let go', 'slept'])
    expect(world.nextAt).toBeUndefined()
  })

  it('has clocks that go wrong, and a monotonic time that does not', () => {
    const world = newWorld()
    let skewMs = 0
    const clock = worldClock(world, () => skewMs)
    world.runUntil(world.now + 500)
    skewMs = -3_600_000
    expect(clock.now()).toBe(world.now - 3_600_000)
    expect(clock.monotonic()).toBe(500)
  })

  it('can go along with the time on the wall', async () => {
    const world = newWorld()
    const over = new AbortController()
    const fired = new Promise<void>((resolve) => world.schedule(world.now + 60_000, resolve))
    const going = pace(world, { speed: 1_000, signal: over.signal })
    await fired
    over.abort()
    await going
  })
})

describe('changes', () => {
  it('tell who watches once they are whole, with their cause, and what follows has the same one', () => {
    const world = newWorld()
    const seen: number[] = []
    const end = world.observe(() => seen.push(world.version))
    const before = world.version
    world.because({ kind: 'fault', name: '', fault: 8 }, () => {
      world.record('one')
      world.record('two')
      world.schedule(world.now + 5, () => world.record('three'))
    })
    expect(seen).toEqual([before + 2])
    world.step()
    end()
    world.because({ kind: 'person', name: 'ada' }, () => world.record('four'))
    expect(seen).toEqual([before + 2, before + 3])
    expect(String(world.trace).split('\n').slice(-4)).toEqual([
      '      0.000 s  one  <- fault 8',
      '      0.000 s  two  <- fault 8',
      '      0.005 s  three  <- fault 8',
      '      0.005 s  four  <- person ada',
    ])
  })

  it('are forgotten when they are many', () => {
    const world = newWorld({ traceLength: 10 })
    for (let index = 0; index < 1_000; index++) world.record(String(index))
    expect(world.trace.entries.length).toBeLessThan(20)
    expect(world.trace.entries.at(-1)?.what).toBe('999')
  })
})

describe('machines', () => {
  it('boot and are well', () => {
    const world = newWorld()
    const { machine, states } = launch(world)
    expect(machine.state).toBe('booting')
    world.runUntil(world.now + 1_000)
    expect(states).toEqual(['healthy'])
    world.machines.flap(machine.id, 50)
    world.runUntil(world.now + 50)
    world.machines.end(machine.id, 'enough')
    world.machines.end(machine.id, 'again')
    expect(states).toEqual(['healthy', 'unhealthy', 'healthy', 'dead'])
    expect(machine).toMatchObject({ reason: 'enough', endedAt: world.now })
  })

  it('do what their image does', () => {
    const world = newWorld()
    world.images.publish('sick', { kind: 'never-healthy' })
    world.images.publish('loop', { kind: 'boot-loop' })
    world.images.publish('weak', { kind: 'dies-under-traffic', afterMs: 300 })
    const [sick, loop, weak] = [launch(world, 'sick'), launch(world, 'loop'), launch(world, 'weak')]
    world.runUntil(world.now + 2_000)
    world.machines.load(weak.machine.id, true)
    world.runUntil(world.now + 200)
    world.machines.load(weak.machine.id, false)
    world.runUntil(world.now + 1_000)
    expect(weak.machine.state).toBe('healthy')
    world.machines.load(weak.machine.id, true)
    world.runUntil(world.now + 300)
    expect([sick.states, loop.states, weak.states]).toEqual([['unhealthy'], ['dead'], ['healthy', 'dead']])
    expect(weak.machine.cause).toEqual({ kind: 'image', name: 'weak' })
  })

  it('die with their zone, into which nothing can be launched until it works again', () => {
    const world = newWorld()
    const [here, there] = [launch(world, 'good', 'a'), launch(world, 'good', 'b')]
    world.because({ kind: 'fault', name: '', fault: 28 }, () => world.machines.darken('a'))
    expect([here.machine.state, there.machine.state]).toEqual(['dead', 'booting'])
    expect(here.machine.cause.fault).toBe(28)
    expect(() => launch(world, 'good', 'a')).toThrow('zone a')
    world.machines.relight('a')
    expect(launch(world, 'good', 'a').machine.state).toBe('booting')
  })

  it('cannot be launched while there is a shortage, or from an image that was withdrawn', () => {
    const world = newWorld()
    const over = world.machines.runShort(({ zone }) => (zone === 'a' ? 'no room' : undefined))
    expect(() => launch(world)).toThrow('no room')
    expect(launch(world, 'good', 'b').machine.state).toBe('booting')
    over()
    launch(world)
    world.images.withdraw('good')
    expect(() => launch(world)).toThrow('not there any more')
    world.images.restore('good')
    launch(world)
  })
})
