import { inPlace, rolling, type Rollout } from 'imago'
import { expect, test } from 'vitest'
import { share } from '../kit/share.ts'
import { NEW, OLD, setUpFleet, type FleetSettings } from './fleet.ts'
import { drive, leftovers, newStore, roll, startProcess, type Job } from './rolling.ts'
import { createSite, type Site } from './site.ts'
import type { Account, SetRecord } from './wire/account.ts'
import { staying } from './wire/converge.ts'
import { upgradePolicyOf } from './wire/upgrade-policy.ts'

const NATIVE = rolling({ by: 'native', progressDeadline: '10m' })
const JOB: Job = { strategy: NATIVE, groups: inPlace('web') }
const modes = ['Uniform', 'Flexible'] as const
const modeOf = (mode: SetRecord['mode']): Job => ({ ...JOB, settings: { mode } })

test.for(share(modes, 2))('a rolling upgrade of a %s set replaces the first instance, and then the rest', async (mode) => {
  const site = await createSite()
  const { rollout, images } = await roll(site, modeOf(mode))
  expect(rollout.state.outcome).toBe('promoted')
  expect(images()).toEqual([NEW, NEW, NEW])
  expect(leftovers(site)).toEqual([])
  // Whom it replaces Azure chooses itself.
  expect(callsOf(site.account, 'virtualMachineScaleSets.deleteInstances')).toEqual([])
})

test.for(share(modes, 2))('an image that never answers is frozen and taken back by the engine, in a %s set', async (mode) => {
  const site = await createSite()
  const { rollout, images } = await roll(site, { ...modeOf(mode), behaviour: { kind: 'never-healthy' } })
  expect(rollout.state.outcome).toBe('rolled-back')
  expect(images()).toEqual([OLD, OLD, OLD])
  expect(leftovers(site)).toEqual([])
})

function callsOf({ requests }: Account, operation: string) {
  return requests.filter((one) => one.operation === operation)
}
void [setUpFleet, drive, newStore, startProcess, staying, upgradePolicyOf, {} as Rollout, {} as Site, {} as FleetSettings]
