import assert from 'node:assert/strict'
import type { HoldView } from '../../../core/snapshot.ts'
import { idsOf, type FleetBench } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'

const LONG_MS = 3_600_000
const SHORT_MS = 300

/** Marks on the fleet's group. */
export function holdTests(test: FleetTest<FleetBench>): void {
  writing(test)
  rivals(test)
  releasing(test)
}

function writing(test: FleetTest<FleetBench>): void {
  test('a mark shows who, which store, which epoch and until when, once', async (fleet) => {
    const mark = markOf(fleet)
    await fleet.accepted(fleet.hold(mark))
    await fleet.accepted(fleet.hold(mark))
    assert.deepEqual(await held(fleet), [mark])
  })

  test('renewed is the same mark with another end, also in a later epoch', async (fleet) => {
    const mark = markOf(fleet)
    await fleet.accepted(fleet.hold(mark))
    const renewed = { ...mark, epoch: 2, expiresAt: mark.expiresAt + 1_000 }
    await fleet.accepted(fleet.hold(renewed))
    assert.deepEqual(await held(fleet), [renewed])
  })

  test('marks of two kinds stand beside each other', async (fleet) => {
    const claim = markOf(fleet)
    const scaleIn: HoldView = { ...claim, kind: 'scale-in' }
    await fleet.accepted(fleet.hold(claim))
    await fleet.accepted(fleet.hold(scaleIn))
    assert.deepEqual((await held(fleet)).map((one) => one.kind).toSorted(), ['claim', 'scale-in'])
    await free(fleet, 'scale-in')
    assert.deepEqual(await held(fleet), [claim])
  })

  test('on an absent group is not-found', async (fleet) => {
    const call = fleet.provider.hold(fleet.target, `${fleet.group}-none`, markOf(fleet), undefined, fleet.call())
    await fleet.refused(call, 'not-found')
  })
}

function rivals(test: FleetTest<FleetBench>): void {
  for (const kind of ['claim', 'scale-in'] as const) {
    test(`a ${kind} of another owner, of another store or of a later epoch is a conflict, and stays`, async (fleet) => {
      const mark = { ...markOf(fleet), kind, epoch: 2 }
      await fleet.accepted(fleet.hold(mark))
      for (const other of [{ owner: 'contract#2', epoch: 3 }, { store: 'another store' }, { epoch: 1 }])
        await fleet.refused(fleet.hold({ ...mark, ...other }), 'conflict')
      assert.deepEqual(await held(fleet), [mark])
    })
  }

  test('while a fleet is claimed, every mark of another owner is a conflict', async (fleet) => {
    await fleet.accepted(fleet.hold({ ...markOf(fleet), kind: 'claim' }))
    const mark = { ...markOf(fleet), kind: 'scale-in' } as const
    for (const other of [{ owner: 'contract#2' }, { store: 'another store' }])
      await fleet.refused(fleet.hold({ ...mark, ...other }), 'conflict')
    await fleet.accepted(fleet.hold(mark))
  })

  test('a mark that has expired gives way', async (fleet) => {
    const mark = { ...markOf(fleet), expiresAt: fleet.time.now() + SHORT_MS }
    await fleet.accepted(fleet.hold(mark))
    await fleet.time.pass(2 * SHORT_MS)
    const next = { ...markOf(fleet), owner: 'contract#2' }
    await fleet.accepted(fleet.hold(next))
    assert.deepEqual(await held(fleet), [next])
  })
}

function releasing(test: FleetTest<FleetBench>): void {
  test('a released mark is gone; released twice, or never there, is no error', async (fleet) => {
    await fleet.accepted(fleet.hold(markOf(fleet)))
    for (const _again of [1, 2]) await free(fleet, 'claim')
    await free(fleet, 'scale-in')
    assert.deepEqual(await held(fleet), [])
    await fleet.accepted(fleet.provider.release(fleet.target, `${fleet.group}-none`, 'claim', 'contract#1', fleet.call()))
  })

  test('a mark of another owner stays', async (fleet) => {
    const mark = markOf(fleet)
    await fleet.accepted(fleet.hold(mark))
    await free(fleet, 'claim', 'contract#2')
    assert.deepEqual(await held(fleet), [mark])
  })
}

/** The minimum while scale-in is held. */
export function minimumTests(test: FleetTest<FleetBench>): void {
  test(
    'raises the minimum, keeps the one before in the mark, and restores it',
    async (fleet) => {
      const mark: HoldView = { ...markOf(fleet), kind: 'scale-in' }
      await fleet.accepted(fleet.hold(mark, 3))
      await fleet.accepted(fleet.hold({ ...mark, expiresAt: mark.expiresAt + 1_000 }, 3))
      const { min, holds } = await fleet.show()
      assert.deepEqual([min, holds], [3, [{ ...mark, expiresAt: mark.expiresAt + 1_000, previousMin: 1 }]])
      await free(fleet, 'scale-in')
      const after = await fleet.show()
      assert.deepEqual([after.min, after.holds], [1, []])
    },
    { size: 3, min: 1 },
  )

  test(
    'goes back to the minimum that its first hold says, whatever there was and whatever a renewal says',
    async (fleet) => {
      const mark: HoldView = { ...markOf(fleet), kind: 'scale-in' }
      await fleet.accepted(fleet.hold({ ...mark, previousMin: 2 }, 3))
      await fleet.accepted(fleet.hold({ ...mark, expiresAt: mark.expiresAt + 1_000, previousMin: 0 }, 3))
      await free(fleet, 'scale-in')
      assert.equal((await fleet.show()).min, 2)
    },
    { size: 3, min: 1 },
  )

  test(
    'never lowers the minimum',
    async (fleet) => {
      await fleet.accepted(fleet.hold({ ...markOf(fleet), kind: 'scale-in' }, 1))
      assert.equal((await fleet.show()).min, 2)
    },
    { size: 2, min: 2 },
  )

  movingTests(test)
}

function movingTests(test: FleetTest<FleetBench>): void {
  test(
    'lets the minimum move with the sizes that are set, up and down',
    async (fleet) => {
      const { release } = await fleet.show()
      await fleet.accepted(fleet.hold({ ...markOf(fleet), kind: 'scale-in' }, 1))
      await fleet.accepted(fleet.resize({ [release]: 3 }))
      assert.equal((await fleet.show()).min, 3)
      const [victim = ''] = idsOf(await fleet.healthy(3))
      await fleet.accepted(fleet.provider.remove(fleet.target, fleet.group, [victim], { [release]: 2 }, fleet.call()))
      assert.equal((await fleet.show()).min, 2)
      await free(fleet, 'scale-in')
      assert.equal((await fleet.show()).min, 0)
    },
    { size: 1, min: 0 },
  )

  test(
    'a claim alone leaves the minimum as it is',
    async (fleet) => {
      const { release } = await fleet.show()
      await fleet.accepted(fleet.hold(markOf(fleet)))
      await fleet.accepted(fleet.resize({ [release]: 2 }))
      assert.equal((await fleet.show()).min, 1)
    },
    { size: 1, min: 1 },
  )
}

/** Claims over the groups of one fleet. */
export function claimTests(test: FleetTest<FleetBench>): void {
  test("another owner's claim is a conflict on every group of the fleet; its own is not", async (fleet) => {
    const mark = markOf(fleet)
    await fleet.ensure(0)
    await fleet.accepted(fleet.hold(mark))
    const onCandidate = (claim: HoldView) => fleet.provider.hold(fleet.target, fleet.candidate, claim, undefined, fleet.call())
    await fleet.refused(onCandidate({ ...mark, owner: 'contract#2' }), 'conflict')
    await fleet.accepted(onCandidate(mark))
    assert.deepEqual((await fleet.show(fleet.candidate)).holds, [mark])
  })

  test(
    'a group that is made while another is held begins with its minimum of before, or is held as that one is',
    async (fleet) => {
      const mark: HoldView = { ...markOf(fleet), kind: 'scale-in' }
      await fleet.accepted(fleet.hold(mark, 3))
      await fleet.ensure(3)
      const { holds, min } = await fleet.show(fleet.candidate)
      assert.deepEqual([holds, min], holds.length === 0 ? [[], 1] : [[{ ...mark, previousMin: 1 }], 3])
      await fleet.accepted(fleet.provider.release(fleet.target, fleet.candidate, 'scale-in', mark.owner, fleet.call()))
      const released = await fleet.show(fleet.candidate)
      assert.deepEqual([released.holds, released.min], [[], 1])
    },
    { size: 3, min: 1 },
  )
}

/** A claim that lasts for the whole test. */
function markOf(fleet: FleetBench): HoldView {
  return { kind: 'claim', owner: 'contract#1', epoch: 1, expiresAt: fleet.time.now() + LONG_MS, store: 'contract store' }
}

async function held(fleet: FleetBench): Promise<readonly HoldView[]> {
  return (await fleet.show()).holds
}

async function free(fleet: FleetBench, kind: HoldView['kind'], owner = 'contract#1'): Promise<void> {
  await fleet.accepted(fleet.provider.release(fleet.target, fleet.group, kind, owner, fleet.call()))
}
