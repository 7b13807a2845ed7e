import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canary, clone, createImago, formatImageRef, rolling, type ImageAlias, type Rollout, type RolloutEvent } from 'imago'
import { tag } from 'imago/local'
import { memoryStore } from 'imago/stores/memory'
import { expect, test } from 'vitest'
import { createSite, type Site } from '../kit/index.ts'
import { createWeb, fixture, temporaryCloud, temporaryHome } from '../local/support.ts'

const STRATEGY = canary({ weights: [34], bake: '30s' })

test('an alias is resolved once: plan and journal have both, and what it points to later is of no concern', async () => {
  const aliases = { latest: 'img-2' }
  const site = createSite({ aliases })
  const { fleet } = site.process()
  const latest: ImageAlias = { alias: 'latest', kind: 'tag' }
  const plan = await site.settled(fleet.plan({ image: latest, strategy: STRATEGY }))
  expect(plan).toMatchObject({ alias: latest, image: { scheme: 'sim', id: 'img-2' } })
  expect(plan.toString()).toContain('sim:img-2')
  aliases.latest = 'img-1'
  const rollout = await site.settled(fleet.start(JSON.stringify(plan)))
  expect((await started(site, rollout)).plan).toMatchObject({ alias: latest, image: plan.image })
  const report = await site.settled(rollout.run())
  expect(report).toMatchObject({ outcome: 'promoted', image: 'sim:img-2' })
})

test('labels and provenance are in plan and journal, and no part of the identity', async () => {
  const cloud = temporaryCloud()
  await createWeb(cloud)
  const folder = fixture('web')
  const provenance = { sourceCommit: '0fedcba', buildId: '1234', builder: 'ci', createdAt: 1_764_000_000_000 }
  const told = { labels: { team: 'shop' }, provenance, tag: 'web:latest' }
  const changed = await changedImage(folder)
  const { ref } = await cloud.images.import(changed, told)
  await using imago = createImago({ store: memoryStore(), providers: { here: cloud } })
  const web = imago.fleet('web', { provider: 'here', groups: clone({ adopt: 'web' }) })
  const plan = await web.plan({ image: tag('web:latest'), strategy: rolling() })
  expect(plan).toMatchObject({
    alias: { alias: 'web:latest', kind: 'tag' },
    image: ref,
    details: { labels: told.labels, provenance },
  })
  const events = (await web.start(plan)).events()[Symbol.asyncIterator]()
  expect((await events.next()).value).toMatchObject({ plan: { alias: plan.alias, image: ref, details: plan.details } })
  // The same content told about differently is the same image.
  expect((await cloud.images.import(changed, { labels: { team: 'other' } })).ref).toEqual(ref)
})

test('a rollout may change launch settings, the image or both; each is another release, and the way back restores both', async () => {
  const site = createSite()
  const { fleet } = site.process()
  const releases = [await serving(site)]
  const go = async (spec: { image?: string; launch?: { size: string } }): Promise<Rollout> => {
    const plan = await site.settled(fleet.plan({ ...spec, strategy: STRATEGY }))
    expect(plan.stable.release).toEqual(releases.at(-1))
    const rollout = await site.settled(fleet.start(plan))
    expect((await site.settled(rollout.run())).outcome).toBe('promoted')
    releases.push(await serving(site))
    return rollout
  }
  await go({ launch: { size: 'large' } })
  await go({ image: 'img-2' })
  const last = await go({ image: 'img-1', launch: { size: 'small' } })
  expect(releases.map(({ image }) => formatImageRef(image))).toEqual(['sim:img-1', 'sim:img-1', 'sim:img-2', 'sim:img-1'])
  expect(new Set(releases.map((one) => one.id)).size).toBe(4)
  // An image alone keeps the settings, settings alone keep the image.
  expect(releases[2]?.launch).toBe(releases[1]?.launch)
  const back = await site.settled(last.rollback())
  expect((await site.settled(back.run())).outcome).toBe('promoted')
  expect(await serving(site)).toEqual(releases[2])
  const same = fleet.plan({ launch: { size: 'large' }, strategy: STRATEGY })
  await expect(site.settled(same)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('runs already'),
  })
})

/** The release that the group with all the traffic launches from. */
async function serving(site: Site) {
  const { groups, releases, traffic } = await site.settled(site.process().fleet.describe())
  const route = traffic?.routing.routes.find((one) => one.weight > 0)
  const group = groups.find((one) => one.id === route?.groups[0])
  return releases[group?.release ?? ''] ?? expect.fail('nothing serves')
}

async function started({ store }: Site, { fleet }: Rollout) {
  const event = (await store.read(`fleet/${fleet}`, 1))[0]?.['event'] as unknown as RolloutEvent
  return event.type === 'rollout.started' ? event : expect.fail(event.type)
}

/** A copy of an image's folder with something more in it. */
async function changedImage(folder: string): Promise<string> {
  const copy = join(temporaryHome(), 'image')
  await cp(folder, copy, { recursive: true })
  await writeFile(join(copy, 'more.txt'), 'more')
  return copy
}
