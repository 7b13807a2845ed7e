import { rolling } from 'imago'
import { expect, test } from 'vitest'
import { createSite, ofType, type Site } from '../kit/index.ts'

const DEADLINE = { progressDeadline: '90s' } as const
const NO_PROGRESS = /^no progress towards replace for 1m30s; web-v001: /
const COUNTED = { size: 4, router: { weights: false } } as const

test('instances that come up, break down and are launched anew renew no deadline', async () => {
  const site = createSite(COUNTED)
  site.world.images.publish('img-2', { kind: 'dies-under-traffic', afterMs: 25_000 })
  const rollout = await site.started(site.process().fleet, rolling({ maxSurge: 2, failureLimit: 1_000, ...DEADLINE }))
  await site.turns(rollout, 100)
  expect(rollout.state).toMatchObject({ outcome: 'rolled-back', cause: expect.stringMatching(NO_PROGRESS) })
})

test('what is removed of stable and launched again and again renews no deadline', async () => {
  const { site, rollout } = await withoutCandidate()
  for (let turn = 0; turn < 100 && rollout.state.aim === 'forward'; turn++) {
    if (healthyIn(site, 'web') < 4) site.cloud.people.resize('web', 4)
    await site.turns(rollout, 1)
  }
  const events = await site.events(rollout)
  const removals = ofType(events, 'command.intended').filter(({ command }) => command.kind === 'remove')
  expect(removals.length).toBeGreaterThan(2)
  expect(rollout.state.cause).toMatch(NO_PROGRESS)
})

/** A fleet in the middle, half of it replaced by what has broken down since and gets well no more. */
async function withoutCandidate() {
  const site = createSite(COUNTED)
  const rollout = await site.started(site.process().fleet, rolling({ maxSurge: 1, failureLimit: 1_000, ...DEADLINE }))
  for (let turn = 0; turn < 50 && healthyIn(site, 'web') > 2; turn++) await site.turns(rollout, 1)
  site.world.images.publish('img-2', { kind: 'never-healthy' })
  for (const { machine } of instances(site, 'web-v001')) site.world.machines.end(machine.id, 'it broke down')
  return { site, rollout }
}

function healthyIn(site: Site, group: string): number {
  return instances(site, group).filter((one) => one.machine.state === 'healthy').length
}

function instances(site: Site, group: string) {
  return site.cloud.truth.groups.get(group)?.instances ?? []
}
