import assert from 'node:assert/strict'
import type { FleetTarget } from '../../../core/ports.ts'
import type { GroupView } from '../../../core/snapshot.ts'
import { present, type FleetBench } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'

const CLAIM = { kind: 'claim', owner: 'contract#1', epoch: 1, store: 'a store' } as const
const HOUR_MS = 3_600_000

/** Two groups that somebody else owns, of which one is empty. */
export function slotTests(test: FleetTest<FleetBench>): void {
  const slotted = (name: string, body: (fleet: FleetBench, slots: Slots) => Promise<void>) =>
    test(name, (fleet) => body(fleet, new Slots(fleet)), { size: 1, slots: true })
  looking(slotted)
  filling(slotted)
  emptying(slotted)
}

type SlotTest = (name: string, body: (fleet: FleetBench, slots: Slots) => Promise<void>) => void

/** The two slots of a fleet under test. */
class Slots {
  readonly spare: string
  readonly target: FleetTarget
  readonly #fleet: FleetBench

  constructor(fleet: FleetBench) {
    this.#fleet = fleet
    this.spare = present(fleet.site.spare, 'the name of the empty slot')
    this.target = { name: 'contract', placement: { kind: 'slots', a: fleet.group, b: this.spare }, handles: [] }
  }

  async shown(target = this.target): Promise<readonly string[]> {
    return (await this.#fleet.look(target)).groups.map((group) => group.id).toSorted()
  }

  /** Has the empty slot launch the other image. */
  async fill(size: number): Promise<GroupView> {
    const request = await this.#fleet.request(size, { group: this.spare })
    await this.#fleet.accepted(this.#fleet.provider.ensureGroup(this.target, request, this.#fleet.call()))
    return await this.#fleet.show(this.spare, this.target)
  }

  async empty(): Promise<void> {
    const { provider, call, until } = bound(this.#fleet)
    await until('the slot is empty', async () => {
      await this.#fleet.accepted(provider.retire(this.target, this.spare, call()))
      return !(await this.shown()).includes(this.spare)
    })
  }
}

function bound(fleet: FleetBench) {
  return { provider: fleet.provider, call: fleet.call.bind(fleet), until: fleet.until.bind(fleet) }
}

function looking(test: SlotTest): void {
  test('a slot with nothing in it is not shown, and the other one is', async (fleet, slots) => {
    assert.deepEqual(await slots.shown(), [fleet.group])
  })

  test('they are one fleet, whoever names them the other way round', async (fleet, slots) => {
    const { fleet: id } = await fleet.look(slots.target)
    const turned = { ...slots.target, placement: { kind: 'slots', a: slots.spare, b: fleet.group } } as const
    assert.equal((await fleet.look(turned)).fleet, id)
    assert.deepEqual(await slots.shown({ ...slots.target, id }), [fleet.group])
  })

  test('a mark alone is enough to be shown', async (_fleet, slots) => {
    const { createdBy, instances } = await slots.fill(0)
    assert.deepEqual([createdBy, instances], ['contract#1', []])
  })

  test('a slot that nobody made is not-found, and is not made', async (fleet, slots) => {
    const absent = `${fleet.group}-none`
    const target = { ...slots.target, placement: { kind: 'slots', a: fleet.group, b: absent } } as const
    const request = await fleet.request(1, { group: absent })
    await fleet.refused(fleet.provider.ensureGroup(target, request, fleet.call()), 'not-found')
    await fleet.refused(fleet.look({ ...target, placement: { ...target.placement, a: absent } }), 'not-found')
  })
}

function filling(test: SlotTest): void {
  test('an empty slot launches what is asked for, bears the mark of its rollout, and leaves the other one alone', async (fleet, slots) => {
    const before = await fleet.show(fleet.group, slots.target)
    const { release } = await fleet.resolve(fleet.images.other)
    const { createdBy, release: launched, sizes, max } = await slots.fill(2)
    assert.deepEqual([launched, sizes, createdBy], [release.id, { [release.id]: 2 }, 'contract#1'])
    assert.ok(max >= before.max, `it may be ${max} large, the other one ${before.max}`)
    const { instances } = await fleet.healthy(2, slots.spare, slots.target)
    assert.deepEqual(
      instances.map((one) => one.release),
      [release.id, release.id],
    )
    assert.deepEqual((await fleet.show(fleet.group, slots.target)).sizes, before.sizes)
  })

  test('a filled slot is never made smaller, and grows to what is asked for', async (_fleet, slots) => {
    await slots.fill(2)
    const { release, sizes } = await slots.fill(1)
    assert.deepEqual(sizes, { [release]: 2 })
    assert.deepEqual((await slots.fill(3)).sizes, { [release]: 3 })
  })

  test('a filled slot that launches another release is a conflict, and stays as it is', async (fleet, slots) => {
    const before = await slots.fill(0)
    const other = await fleet.request(1, { group: slots.spare, release: await fleet.resolve(undefined, fleet.launch) })
    await fleet.refused(fleet.provider.ensureGroup(slots.target, other, fleet.call()), 'conflict')
    assert.deepEqual((await fleet.show(slots.spare, slots.target)).release, before.release)
  })
}

function emptying(test: SlotTest): void {
  test('a slot that is emptied bears no mark, and is filled again with another release', async (fleet, slots) => {
    await slots.fill(1)
    await fleet.healthy(1, slots.spare, slots.target)
    const mark = { ...CLAIM, expiresAt: fleet.time.now() + HOUR_MS }
    await fleet.accepted(fleet.provider.hold(slots.target, slots.spare, mark, undefined, fleet.call()))
    await slots.empty()
    assert.deepEqual(await slots.shown(), [fleet.group])
    const release = await fleet.resolve(undefined, fleet.launch)
    const request = await fleet.request(1, { group: slots.spare, release })
    await fleet.accepted(fleet.provider.ensureGroup(slots.target, request, fleet.call()))
    const { release: launched, holds } = await fleet.show(slots.spare, slots.target)
    assert.deepEqual([launched, holds], [release.release.id, []])
  })

  test('an empty slot is emptied again without harm', async (fleet, slots) => {
    await fleet.accepted(fleet.provider.retire(slots.target, slots.spare, fleet.call()))
    assert.deepEqual(await slots.shown(), [fleet.group])
    const { release } = await slots.fill(1)
    assert.equal((await fleet.resolve(fleet.images.other)).release.id, release)
  })
}
