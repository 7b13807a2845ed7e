import assert from 'node:assert/strict'
import { parseImageRef } from '../../../core/image.ts'
import type { FleetTarget } from '../../../core/ports.ts'
import { idsOf, type FleetBench } from '../fleet/bench.ts'
import { faultsOf, ruleFaults, type FleetTest } from '../fleet/declare.ts'

const A_DAY_MS = 86_400_000

/** What a look says, and how a fleet is found. */
export function lookTests(test: FleetTest<FleetBench>): void {
  identity(test)
  contents(test)
  finding(test)
  unknownHandles(test)
}

function identity(test: FleetTest<FleetBench>): void {
  test('says what it is, and which images it knows', async ({ provider, images }) => {
    assert.equal(provider.contract, 1)
    assert.notEqual(provider.kind, '')
    const { scheme } = parseImageRef(images.stable, provider.schemes)
    assert.ok(provider.schemes.some((one) => one.scheme === scheme))
  })

  test('says what a group may be called that is made, where it may not be called anything', async ({
    provider,
    group,
    candidate,
  }) => {
    assert.deepEqual(ruleFaults(provider.names, [group, candidate]), [])
  })

  test('says what this fleet can do, each no with its reason and each time as one', async (fleet) => {
    const { facts } = await fleet.look()
    assert.deepEqual(faultsOf(facts), [])
    assert.deepEqual(facts, fleet.facts)
  })
}

function contents(test: FleetTest<FleetBench>): void {
  const wanted = { size: 2, min: 1, max: 7 }
  test(
    'shows a group with its bounds, its size by release, and that release',
    async (fleet) => {
      const look = await fleet.look()
      assert.deepEqual(
        look.groups.map(({ id, sizes, release, min, max, holds, createdBy }) => ({
          id,
          sizes,
          release,
          min,
          max,
          holds,
          createdBy,
        })),
        [
          {
            id: fleet.group,
            sizes: { [look.groups[0]!.release]: 2 },
            release: look.groups[0]!.release,
            min: 1,
            max: 7,
            holds: [],
            createdBy: undefined,
          },
        ],
      )
      const release = look.releases[look.groups[0]!.release]
      assert.equal(release?.id, look.groups[0]!.release)
      assert.deepEqual(release?.image, parseImageRef(fleet.images.stable, fleet.provider.schemes))
      assert.ok(look.groups[0]!.failures.count >= 0)
    },
    wanted,
  )

  test(
    'shows every instance once, with its release and when it was launched, until all are healthy',
    async (fleet) => {
      const now = fleet.time.now()
      const group = await fleet.healthy(2)
      assert.equal(new Set(idsOf(group)).size, 2)
      for (const one of group.instances) {
        assert.equal(one.release, group.release)
        assert.ok(Math.abs(one.launchedAt - now) < A_DAY_MS, `launched at ${one.launchedAt}, and it is ${now}`)
      }
    },
    wanted,
  )

  test('says the same while nothing happens, in plain data: looking changes nothing', async (fleet) => {
    const first = await fleet.look()
    assert.deepEqual(JSON.parse(JSON.stringify(first)), first)
    assert.deepEqual(await fleet.look(), first)
  })
}

function finding(test: FleetTest<FleetBench>): void {
  test('a fleet that is not there is not-found', async (fleet) => {
    const placements: FleetTarget['placement'][] = [
      { kind: 'clone', adopt: fleet.candidate },
      { kind: 'in-place', group: fleet.candidate },
    ]
    for (const placement of placements)
      await fleet.refused(fleet.provider.describe({ ...fleet.target, placement }, fleet.call()), 'not-found')
  })

  test('is found by its id, whatever it is called now', async (fleet) => {
    const { fleet: id, groups } = await fleet.look()
    assert.notEqual(id, '')
    const found = await fleet.look({
      name: 'another name',
      placement: { kind: 'clone', adopt: 'no-such-group' },
      id,
      handles: [],
    })
    assert.equal(found.fleet, id)
    assert.deepEqual(found.groups, groups)
  })

  test('two names for one fleet have one id', async (fleet) => {
    const { fleet: id } = await fleet.look()
    assert.equal((await fleet.look({ ...fleet.target, name: 'another name' })).fleet, id)
    assert.equal((await fleet.look(fleet.inPlace)).fleet, id)
  })
}

function unknownHandles(test: FleetTest<FleetBench>): void {
  test('a handle that nobody knows is not named', async (fleet) => {
    assert.deepEqual((await fleet.look()).handles, {})
    assert.deepEqual((await fleet.look({ ...fleet.target, handles: ['no-such-handle'] })).handles, {})
  })
}

/** What an accepted call answers with. */
export function handleTests(test: FleetTest<FleetBench>): void {
  test('the handle of an accepted call, where there is one, tells that it is done', async (fleet) => {
    const { release } = await fleet.show()
    const { handle } = await fleet.accepted(fleet.resize({ [release]: 1 }))
    const given = handle === undefined ? [] : [handle]
    const { handles, groups } = await fleet.look({ ...fleet.target, handles: given })
    assert.deepEqual(handles, Object.fromEntries(given.map((one) => [one, { state: 'done' }])))
    assert.equal(groups[0]?.sizes[release], 1)
  })
}
