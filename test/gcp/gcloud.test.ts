import { canary, inPlace, rolling, type Rollout } from 'imago'
import { gcp } from 'imago/gcp'
import { afterAll, describe, expect, test } from 'vitest'
import { noGcloud, startGcloud, startStandIn, type CommandLine } from '../witnesses/gcloud.ts'
import { share } from '../kit/share.ts'
import { call, changing, target } from './changing.ts'
import { ZONE } from './fleet.ts'
import { changes, IN_ZONE, MANAGED, runIn, standing } from './gcloud.ts'
import { groupDifferences, instanceDifferences, type Printed } from './gcloud-says.ts'
import { drive, setUp, type Job } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'

const lines = [
  ['what stands in for gcloud', undefined, startStandIn, 1],
  // It takes seconds to begin, each time.
  ['gcloud', noGcloud, startGcloud, 3],
] as const

const SLOW = { timeout: 240_000 }
const rolled: Readonly<Record<string, Job>> = {
  'a canary': { strategy: canary({ weights: [34], bake: '5m' }) },
  "an update by the group's own updater": { strategy: rolling({ by: 'native' }), groups: inPlace('web') },
}

/** Whether some of the new instances run, and are not well yet. */
const isLaunching = ({ project }: Site) =>
  [...project.groups.values()].some(({ instances }) => [...instances.values()].some(({ action }) => action === 'VERIFYING'))

const targetOf = ({ state }: Rollout, { groups = target.placement }: Job) => ({ ...target, placement: groups, id: state.fleet })

/** What was asked of the API for each change by whoever made it first: gcloud asks what stands in for it asks. */
const asked = new Map<string, object>()

describe.for(lines)('%s', ([, absent, start, ofSoMany]) => {
  let started: Promise<CommandLine> | undefined
  const lineFor = (endpoint: string) => (started ??= start(endpoint))
  afterAll(async () => {
    await (await started)?.close()
  })

  test.for(share(Object.entries(rolled), ofSoMany))(
    'prints in the middle of %s what a look tells',
    SLOW,
    async ([, job], context) => {
      if (absent !== undefined) return context.skip(absent)
      const site = await createSite()
      const { web, image } = setUp(site, job)
      const rollout = await web.start(await web.plan({ image, strategy: job.strategy as never }))
      for (let turn = 0; turn < 100 && !isLaunching(site); turn++) await drive(site, rollout, 1)
      const run = runIn(site, await lineFor(site.endpoint))
      const look = await gcp(site.accessTo(ZONE)).describe(targetOf(rollout, job), call())
      const groups = (await run(...MANAGED, 'list')) as readonly Printed[]
      expect(groups.map((one) => one['name'])).toEqual(look.groups.map((one) => one.id))
      expect(groups.flatMap((one) => groupDifferences(one, look))).toEqual([])
      for (const { id, instances } of look.groups) {
        const [described, listed] = [
          await run(...MANAGED, 'describe', id, ...IN_ZONE),
          await run(...MANAGED, 'list-instances', id, ...IN_ZONE),
        ]
        expect(groupDifferences(described as Printed, look)).toEqual([])
        expect(listed).toHaveLength(instances.length)
        expect((listed as readonly Printed[]).flatMap((one) => instanceDifferences(one, look))).toEqual([])
      }
    },
  )

  test.for(share(Object.entries(changes), ofSoMany))('and imago: %s', SLOW, async ([what, change], context) => {
    if (absent !== undefined) return context.skip(absent)
    const { prepare, byGcloud, byImago, otherwise } = change
    const [one, other] = [await changing(), await changing()]
    for (const world of [one, other]) await prepare?.(world)
    one.site.calls()
    await byGcloud(runIn(one.site, await lineFor(one.site.endpoint)), one)
    const calls = one.site.calls()
    if (!asked.has(what)) asked.set(what, calls)
    expect(calls).toEqual(asked.get(what))
    await byImago(other)
    one.site.project.fateOf = () => undefined
    for (const { settle, site } of [one, other]) {
      site.world.runUntil(Math.max(one.site.world.now, other.site.world.now))
      settle()
    }
    const [said, done] = [standing(one.site), standing(other.site)]
    expect({ ...said, ...(otherwise && { [otherwise]: done[otherwise] }) }).toEqual(done)
  })
})

testTheWire()
