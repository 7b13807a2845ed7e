import assert from 'node:assert/strict'
import { formatImageRef, parseImageRef, type ImageAlias, type ImageRef } from '../../../core/image.ts'
import { isRolloutError } from '../../../core/errors.ts'
import { present, type FleetBench } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'

/** Images and launch settings, resolved to releases. */
export function resolveTests(test: FleetTest<FleetBench>): void {
  identities(test)
  settings(test)
  refusals(test)
}

function identities(test: FleetTest<FleetBench>): void {
  test('an image is the same release however it is written, and each time', async (fleet) => {
    const first = await fleet.resolve(fleet.images.other)
    const ref = parseImageRef(fleet.images.other, fleet.provider.schemes)
    assert.deepEqual(first.release.image, ref)
    assert.equal(first.alias, undefined)
    assert.deepEqual(first.obstacles, [])
    for (const image of [fleet.images.other, ref, formatImageRef(ref)]) assert.deepEqual(await resolveAs(fleet, image), first)
  })

  test('another image is another release, with the same launch settings', async (fleet) => {
    const base = await fleet.base()
    const other = (await fleet.resolve(fleet.images.other)).release
    assert.notEqual(other.id, base.id)
    assert.equal(other.launch, base.launch)
  })

  test('nothing asked for is the release that it rests on', async (fleet) => {
    assert.deepEqual((await fleet.resolve()).release, await fleet.base())
  })

  test('reads only', async (fleet) => {
    const before = await fleet.look()
    await fleet.resolve(fleet.images.other, fleet.launch)
    assert.deepEqual(await fleet.look(), before)
  })
}

function settings(test: FleetTest<FleetBench>): void {
  test('other launch settings are another release of the same image', async (fleet) => {
    const base = await fleet.base()
    const { release, sealed } = await fleet.resolve(undefined, fleet.launch)
    assert.deepEqual(release.image, base.image)
    assert.notEqual(release.launch, base.launch)
    assert.notEqual(release.id, base.id)
    assert.deepEqual(JSON.parse(JSON.stringify(sealed)), sealed)
  })
}

function refusals(test: FleetTest<FleetBench>): void {
  test('an image that is not there is not-found', async (fleet) => {
    const base = await fleet.base()
    const request = { base, image: fleet.images.missing }
    await fleet.refused(fleet.provider.resolve(fleet.target, request, fleet.call()), 'not-found')
  })

  test('a text that names no image is image-invalid', async (fleet) => {
    const end = await fleet.resolve(fleet.images.malformed).catch((error: unknown) => error)
    assert.ok(isRolloutError(end, 'image-invalid'), `it ended with ${String(end)}`)
  })
}

/** Launch settings that were changed once. */
export function keptTests(test: FleetTest<FleetBench>): void {
  test('launch settings are those of the release that it rests on, once they are kept', async (fleet) => {
    const changed = await fleet.resolve(undefined, fleet.launch)
    const target = fleet.facts.clone.can ? fleet.target : fleet.inPlace
    const group = fleet.facts.clone.can ? fleet.candidate : fleet.group
    const request = await fleet.request(0, { release: changed, group })
    await fleet.accepted(fleet.provider.ensureGroup(target, request, fleet.call()))
    const base = present((await fleet.look()).releases[changed.release.id], 'the changed release')
    const next = await fleet.time.settled(fleet.provider.resolve(target, { base, image: fleet.images.other }, fleet.call()))
    assert.equal(next.release.launch, changed.release.launch)
  })
}

/** Names that may stand for another image tomorrow. */
export function aliasTests(test: FleetTest<FleetBench>): void {
  test('a mutable name is resolved to an identity, and both are told', async (fleet) => {
    const { name, image } = present(fleet.images.alias, 'an alias')
    const { release, alias } = await resolveAs(fleet, name)
    assert.deepEqual(release.image, parseImageRef(image, fleet.provider.schemes))
    assert.deepEqual(alias, name)
  })

  test('a mutable name that stands for nothing is not-found', async (fleet) => {
    const { name } = present(fleet.images.alias, 'an alias')
    const base = await fleet.base()
    const request = { base, image: { ...name, alias: `${name.alias}-none` } }
    await fleet.refused(fleet.provider.resolve(fleet.target, request, fleet.call()), 'not-found')
  })
}

async function resolveAs(fleet: FleetBench, image: string | ImageRef | ImageAlias) {
  const base = await fleet.base()
  return await fleet.time.settled(fleet.provider.resolve(fleet.target, { base, image }, fleet.call()))
}
