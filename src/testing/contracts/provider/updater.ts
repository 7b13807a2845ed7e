import assert from 'node:assert/strict'
import type { Accepted, UpdateRequest } from '../../../core/ports.ts'
import type { GroupView } from '../../../core/snapshot.ts'
import { isHealthy, present, type FleetBench } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'

/** The cloud's own updater, in one group. */
export function updaterTests(test: FleetTest<FleetBench>): void {
  working(test)
  refusing(test)
  stopping(test)
}

function working(test: FleetTest<FleetBench>): void {
  test(
    'replaces what the group does not launch, none before another serves, and ends',
    async (fleet) => {
      const updated = await aimed(fleet, 2)
      await updated.start()
      let fewest = 2
      const group = await updated.until('it has ended', (seen) => {
        fewest = Math.min(fewest, seen.instances.filter(isHealthy).length)
        return seen.update?.state === 'ended'
      })
      assert.deepEqual([group.sizes, oldIn(group)], [{ [group.release]: 2 }, 0])
      assert.equal(fewest, 2)
    },
    { size: 2 },
  )

  test(
    'goes on when it is started again',
    async (fleet) => {
      const updated = await aimed(fleet, 2)
      await updated.start()
      const { update } = await updated.show()
      await updated.start()
      const again = (await updated.show()).update
      assert.deepEqual([again?.id, again?.state, again?.release], [update?.id, 'running', updated.release])
    },
    { size: 2 },
  )

  test(
    'waits when as many are replaced as it was told',
    async (fleet) => {
      const updated = await aimed(fleet, 4)
      await updated.start({ upTo: 1 })
      await updated.until('one is replaced', (seen) => oldIn(seen) === 3 && seen.instances.every(isHealthy))
      await fleet.always(async () => assert.ok(oldIn(await updated.show()) > 0, 'it did not wait'))
    },
    { size: 4 },
  )
}

function refusing(test: FleetTest<FleetBench>): void {
  test(
    'is not set to work towards what the group does not launch, nor beside another',
    async (fleet) => {
      const before = await fleet.healthy(2)
      const updated = new Updated(fleet, await aim(fleet))
      await fleet.refused(updated.ask({ release: before.release }), 'conflict')
      assert.equal((await updated.show()).update?.state ?? 'ended', 'ended')
      await updated.start()
      await fleet.refused(updated.ask({ upTo: 1 }), 'conflict')
    },
    { size: 2 },
  )

  test(
    'is not told what the facts say that it cannot be',
    async (fleet) => {
      const updated = await aimed(fleet, 2)
      const { least, soak, withoutSurge } = fleet.facts.updater ?? {}
      if ((least?.count ?? 1) > 1) await fleet.refused(updated.ask({ maxSurge: 1 }), 'invalid')
      if (withoutSurge?.can === false) await fleet.refused(updated.ask({ maxSurge: 0, maxUnavailable: 1 }), 'invalid')
      if (soak?.can === false) await fleet.refused(updated.ask({ soakMs: 60_000 }), 'invalid')
      assert.equal((await updated.show()).update?.state ?? 'ended', 'ended')
    },
    { size: 2 },
  )

  test('of an absent group is not found, and stopping it is no error', async (fleet) => {
    const updated = new Updated(fleet, await aim(fleet), `${fleet.group}-gone`)
    await fleet.refused(updated.ask(), 'not-found')
    await updated.stop()
  })
}

function stopping(test: FleetTest<FleetBench>): void {
  test(
    'stops: what is replaced stays, the rest is left, and the group can be told to launch something else',
    async (fleet) => {
      const base = await fleet.base()
      const updated = await aimed(fleet, 4)
      await updated.start()
      await updated.until('one is replaced', (seen) => oldIn(seen) < 4)
      await updated.stop()
      const stopped = await updated.until('it rests', (seen) => seen.update?.state === 'ended' && seen.instances.length === 4)
      assert.ok(oldIn(stopped) > 0, 'it was stopped, and replaced all the same')
      await fleet.always(async () => assert.equal(oldIn(await updated.show()), oldIn(stopped)))
      const request = { group: fleet.group, release: base, sealed: null, like: fleet.group, size: 0, rolloutId: 'contract#1' }
      await fleet.accepted(fleet.provider.ensureGroup(fleet.inPlace, request, fleet.call()))
      assert.equal((await updated.show()).release, base.id)
    },
    { size: 4 },
  )

  test('stopping where none is at work is no error', async (fleet) => {
    const updated = new Updated(fleet, await aim(fleet))
    await updated.stop()
    await updated.stop()
  })
}

/** Instances of what the group does not launch. */
function oldIn({ release, instances }: GroupView): number {
  return instances.filter((one) => one.release !== release && one.state !== 'terminating').length
}

/** A group whose updater is at work, or shall be. */
class Updated {
  readonly release: string
  readonly #fleet: FleetBench
  readonly #group: string

  constructor(fleet: FleetBench, release: string, group: string = fleet.group) {
    this.#fleet = fleet
    this.#group = group
    this.release = release
  }

  get #updater() {
    return present(this.#fleet.provider.updater, 'the updater that the facts tell of')
  }

  get #target() {
    return { ...this.#fleet.inPlace, updates: true }
  }

  ask(change: Partial<UpdateRequest> = {}): Promise<Accepted> {
    const { least } = this.#fleet.facts.updater ?? {}
    const request = { release: this.release, maxSurge: least?.count ?? 1, maxUnavailable: 0, soakMs: 0, ...change }
    return this.#updater.start(this.#target, this.#group, request, this.#fleet.call())
  }

  async start(change: Partial<UpdateRequest> = {}): Promise<void> {
    await this.#fleet.accepted(this.ask(change))
  }

  async stop(): Promise<void> {
    await this.#fleet.accepted(this.#updater.stop(this.#target, this.#group, this.#fleet.call()))
  }

  async show(): Promise<GroupView> {
    return await this.#fleet.show(this.#group, this.#target)
  }

  async until(what: string, says: (group: GroupView) => boolean): Promise<GroupView> {
    return await this.#fleet.until(what, async () => {
      const group = await this.show()
      return says(group) && group
    })
  }
}

/** A group whose instances are all well, and which launches another image from now on. */
async function aimed(fleet: FleetBench, size: number): Promise<Updated> {
  await fleet.healthy(size)
  return new Updated(fleet, await aim(fleet))
}

/** Lets the fleet's group launch another image. @returns its release. */
async function aim(fleet: FleetBench): Promise<string> {
  const request = await fleet.request(0, { group: fleet.group })
  await fleet.accepted(fleet.provider.ensureGroup(fleet.inPlace, request, fleet.call()))
  return request.release.id
}
