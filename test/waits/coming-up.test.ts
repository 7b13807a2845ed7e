import { rolling } from 'imago'
import { expect, test } from 'vitest'
import { createSite, type Site } from '../kit/index.ts'

test('while too few serve, what an autoscaler launches of stable is kept, and serves', async () => {
  const { site, wellIn, pass } = await withoutCandidate()
  site.cloud.people.resize('web', 4)
  await pass(60_000)
  expect(wellIn('web')).toBe(4)
})

test('what of it comes up for longer than any instance may take is kept no more', async () => {
  const { site, pass } = await withoutCandidate()
  Object.assign(site.world.machines.bootMs, [86_400_000, 86_400_000])
  site.cloud.people.resize('web', 4)
  await pass(50_000)
  expect(instances(site, 'web').length).toBe(4)
  await pass(40_000)
  expect(instances(site, 'web').length).toBe(2)
})

/** A fleet in the middle, half of it replaced by what has broken down since. */
async function withoutCandidate() {
  const site = createSite({ size: 4, router: { weights: false }, readyDeadlineMs: 60_000 })
  const strategy = rolling({ maxSurge: 1, failureLimit: 1_000, progressDeadline: '30m' })
  const rollout = await site.started(site.process().fleet, strategy)
  for (let turn = 0; turn < 50 && instances(site, 'web').length > 2; turn++) await site.turns(rollout, 1)
  site.world.images.publish('img-2', { kind: 'never-healthy' })
  for (const { machine } of instances(site, 'web-v001')) site.world.machines.end(machine.id, 'it broke down')
  const wellIn = (group: string) => instances(site, group).filter((one) => one.machine.state === 'healthy').length
  const pass = async (ms: number) => {
    for (const untilAt = site.world.now + ms; site.world.now < untilAt;) await site.turns(rollout, 1)
  }
  return { site, wellIn, pass }
}

function instances(site: Site, group: string) {
  return site.cloud.truth.groups.get(group)?.instances ?? []
}
