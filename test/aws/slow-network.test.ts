import { blueGreen, inPlace, rolling } from 'imago'
import { expect, test } from 'vitest'
import { NEW, OLD, setUpFleet } from './fleet.ts'
import { CLONED, leftovers, newStore, startProcess, staying } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'

const BLUE_GREEN = { strategy: blueGreen({ bake: '30s' }), groups: CLONED }
const ROLLING = { strategy: rolling({ maxSurge: 1 }), groups: inPlace('web') }

test.for([
  ['a second for each call: blue/green takes longer', { ...BLUE_GREEN, travelsMs: 1_000 }, 'promoted'],
  ['two and a half seconds for each call: blue/green', { ...BLUE_GREEN, travelsMs: 2_500 }, 'promoted'],
  ['so slow that changes of many calls are let go of: rolling in place', { ...ROLLING, travelsMs: 5_000 }, 'promoted'],
  [
    'so slow that no target group is made in the time of a change: blue/green gives up',
    { ...BLUE_GREEN, travelsMs: 5_000 },
    'rolled-back',
  ],
] as const)('%s', { timeout: 60_000 }, async ([, { strategy, groups, travelsMs }, wanted]) => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  site.account.fateOf = () => ({ travelsMs })
  const { imago, web } = startProcess(site, { listener, groups, store: newStore(site) })
  const rollout = await site.drive(web.plan({ image: NEW, strategy }).then((plan) => web.start(plan)))
  const unanswered: string[] = []
  rollout.on('command.unknown', ({ message }) => unanswered.push(message))
  const { outcome } = await site.drive(rollout.run())
  expect(outcome).toBe(wanted)
  const image = wanted === 'promoted' ? NEW : OLD
  expect(staying(site).map((one) => one.image)).toEqual([image, image, image])
  expect(leftovers(site)).toEqual([])
  expect(unanswered.some((message) => message.includes('did not answer'))).toBe(travelsMs > 2_500)
  await imago.close()
})

testTheWire()
