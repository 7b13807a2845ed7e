import { blueGreen } from 'imago'
import { expect, test } from 'vitest'
import { CLONED, newStore, roll, startProcess } from './rolling.ts'
import { createSite } from './site.ts'
import { Fault } from './wire/fault.ts'

const SECRET = 'hush-Hush-1'
const launch = { virtualMachineProfile: { osProfile: { adminPassword: SECRET } } }

test('a password that is given to be launched reaches Azure, and no event, error or look', async () => {
  const site = await createSite()
  const store = newStore(site)
  const { rollout } = await roll(site, { strategy: blueGreen({ bake: '30s' }), groups: CLONED, way: 'rules', launch, store })
  expect(rollout.state.outcome).toBe('promoted')
  const made = site.account.requests.filter((one) => one.operation === 'virtualMachineScaleSets.createOrUpdate')
  expect(made.map((one) => JSON.stringify(one.body).includes(SECRET))).toEqual([true])
  const seen: unknown[] = [rollout.state]
  for (const stream of await store.list('')) seen.push(...(await store.read(stream, 1)))
  const { web, imago } = startProcess(site, { groups: CLONED, store, way: 'rules' })
  seen.push(await web.describe())
  await imago.close()
  expect(seen.length).toBeGreaterThan(20)
  expect(JSON.stringify(seen)).not.toContain(SECRET)
})

test('what Azure says when it refuses a clone is told without what was sent', async () => {
  const site = await createSite()
  const refusal = new Fault(400, 'InvalidParameter', 'The supplied password must be between 12-72 characters long.')
  const before = () => void site.account.refusals.set('virtualMachineScaleSets.createOrUpdate', refusal)
  const { rollout } = await roll(site, { strategy: blueGreen(), groups: CLONED, way: 'rules', launch, before })
  expect(rollout.state.outcome).toBe('rolled-back')
  expect(rollout.state.cause).toContain('InvalidParameter: The supplied password must be between 12-72 characters long.')
  expect(JSON.stringify(rollout.state)).not.toContain(SECRET)
})
