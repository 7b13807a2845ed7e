import { blueGreen, isRolloutError } from 'imago'
import { azurePermissions } from 'imago/azure'
import { expect, test } from 'vitest'
import { neededBy, superfluous } from '../kit/permissions.ts'
import { share, SHARE_MS } from '../kit/share.ts'
import { actionsOf, askedToPlan, FEATURES, featuresIn, proof, scenarios, WHOLE } from './permissions.ts'
import { CLONED, drive, PLACE, refusals, setUp } from './rolling.ts'
import { createSite } from './site.ts'

test('what is given is enough, and nothing of it superfluous, in no part of imago', { timeout: SHARE_MS }, async () => {
  const needed = await neededBy(proof)
  expect([...needed.keys()].toSorted()).toEqual(actionsOf(WHOLE))
  for (const feature of FEATURES) {
    const isOfPart = (action: string) => needed.get(action)?.some((name) => featuresIn(name).includes(feature)) === true
    const given = actionsOf(azurePermissions({ ...PLACE, features: [feature] }))
    expect([feature, given.filter((one) => !isOfPart(one))]).toEqual([feature, []])
  }
  expect(await superfluous(proof, share(actionsOf(WHOLE), 140), needed)).toEqual([])
})

test('whoever may only plan can plan anything, and asks for all that he may do', async () => {
  const asked = new Set<string>()
  for (const name of Object.keys(scenarios)) for (const one of await askedToPlan(name)) asked.add(one)
  // Why a set has failed is asked of one that has, and none has before it is rolled.
  const ofFailed = 'Microsoft.Compute/virtualMachineScaleSets/instanceView/read'
  expect([...asked, ofFailed].toSorted()).toEqual(actionsOf(azurePermissions({ ...PLACE, features: FEATURES, to: 'plan' })))
})

test('whoever may only plan is told what he may not do when he starts, before anything is changed', async () => {
  const site = await createSite()
  const policy = azurePermissions({ ...PLACE, features: ['scaleSets', 'clone', 'ruleSwap', 'gallery'], to: 'plan' })
  const strategy = blueGreen()
  const { web, image } = setUp(site, { strategy, groups: CLONED, way: 'rules', policy })
  const state = () => JSON.stringify([[...site.account.sets.values()].map((one) => one.model), [...site.account.settings]])
  const before = state()
  const rollout = await web.start(await web.plan({ image, strategy }))
  const refused = refusals(rollout)
  await drive(site, rollout)
  const says =
    "does not have authorization to perform action 'Microsoft.Compute/virtualMachineScaleSets/write' over scope '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/web'"
  expect(refused[0]).toContain(says)
  expect(state()).toBe(before)
  expect(site.account.operations.size).toBe(0)
  const { outcome, reason, next } = await rollout.report()
  expect([outcome, next]).toEqual(['rolled-back', 'web serves alone, as before the rollout'])
  expect(reason).toContain(says)
})

test('nothing is given that makes, changes or deletes a machine of its own, or says who may do what', () => {
  expect(
    actionsOf(WHOLE).filter((one) => /^Microsoft\.(?:Compute\/(?:virtualMachines|disks)\/(?!read$)|Authorization\/)/.test(one)),
  ).toEqual([])
})

test('each place has a role of its own, which can be assigned there alone', () => {
  const group = `/subscriptions/${PLACE.subscription}/resourceGroups`
  const container = `${group}/logs/providers/Microsoft.Storage/storageAccounts/shop/blobServices/default/containers/journals`
  const network = `${group}/hub/providers/Microsoft.Network/virtualNetworks/hub`
  const all = azurePermissions({
    ...PLACE,
    networks: [network],
    container,
    features: ['scaleSets', 'clone', 'gallery', 'azureBlob'],
  })
  expect(all.map(({ scope, role }) => [scope, role.AssignableScopes[0]])).toEqual(
    [`${group}/shop`, `/subscriptions/${PLACE.subscription}`, ...PLACE.galleries, network, ...PLACE.identities, container].map(
      (one) => [one, one],
    ),
  )
  expect(new Set(all.map(({ role }) => role.Name)).size).toBe(all.length)
  expect(all.slice(1).map(({ role }) => [role.Actions, role.DataActions])).toEqual([
    [['Microsoft.Compute/locations/operations/read', 'Microsoft.Compute/skus/read'], []],
    [['Microsoft.Compute/galleries/images/read', 'Microsoft.Compute/galleries/images/versions/read'], []],
    [['Microsoft.Network/networkSecurityGroups/join/action', 'Microsoft.Network/virtualNetworks/subnets/join/action'], []],
    [['Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'], []],
    [[], ['delete', 'read', 'write'].map((verb) => `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/${verb}`)],
  ])
})

test('what cannot be written is refused with every problem', () => {
  const bad = { subscription: 'mine', features: ['gallery', 'alb'], to: 'destroy', galleries: ['shop'], identities: ['web'] }
  try {
    azurePermissions(bad as never)
  } catch (error) {
    if (!isRolloutError(error, 'spec-invalid')) throw error
    const paths = error.facts.problems.map((one) => one.path).toSorted()
    expect(paths).toEqual(
      ['features[1]', 'galleries[0]', 'identities[0]', 'resourceGroup', 'subscription', 'to'].map((one) => `options.${one}`),
    )
    return
  }
  throw new Error('it was written')
})

test('a store without a container is refused', () => {
  expect(() => azurePermissions({ ...PLACE, features: ['azureBlob'] })).toThrow(
    /options\.container.*which the feature azureBlob needs/,
  )
})
