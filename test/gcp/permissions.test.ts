import { blueGreen, isRolloutError } from 'imago'
import { gcpPermissions } from 'imago/gcp'
import { expect, test } from 'vitest'
import { neededBy, superfluous } from '../kit/permissions.ts'
import { share, SHARE_MS } from '../kit/share.ts'
import { askedToPlan, permissionsOf, proof, scenarios, WHOLE } from './permissions.ts'
import { drive, refusals, setUp } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'
import { COMPUTE } from './wire/project.ts'

test('what is given is enough, and nothing of it superfluous', { timeout: SHARE_MS }, async () => {
  const needed = await neededBy(proof)
  expect([...needed.keys()].toSorted()).toEqual(permissionsOf(WHOLE))
  expect(await superfluous(proof, share(permissionsOf(WHOLE), 144), needed)).toEqual([])
})

test('whoever may only plan can plan anything, and asks for all that he may do', async () => {
  const asked = new Set<string>()
  for (const name of Object.keys(scenarios)) for (const one of await askedToPlan(name)) asked.add(one)
  expect([...asked].toSorted()).toEqual(permissionsOf(gcpPermissions({ to: 'plan', features: COMPUTE })))
})

test('whoever may only plan is told what he may not do when he starts, before anything is changed', async () => {
  const site = await createSite()
  const { project } = site
  const { web, image } = setUp(site, { strategy: blueGreen(), policy: gcpPermissions({ to: 'plan' }) })
  const state = () =>
    JSON.stringify([project.groups, project.services, project.urlMaps, project.templates].map((one) => [...one.keys()]))
  const before = state()
  const rollout = await web.start(await web.plan({ image, strategy: blueGreen() }))
  const refused = refusals(rollout)
  await drive(site, rollout)
  const says = `Required 'compute.instanceGroupManagers.update' permission for 'projects/${project.id}/zones/europe-west1-a/instanceGroupManagers/web'`
  expect(refused[0]).toContain(says)
  expect(state()).toBe(before)
  expect(project.operations.size).toBe(0)
  const { outcome, reason, next } = await rollout.report()
  expect([outcome, next]).toEqual(['rolled-back', 'web serves alone, as before the rollout'])
  expect(reason).toContain(says)
})

test('no permission makes, changes or deletes an instance, a disk or an image, which groups do in their own name', () => {
  const ofMachines = permissionsOf(WHOLE).filter((one) => /^compute\.(?:instances|disks|images)\./.test(one))
  expect(ofMachines.filter((one) => !/\.(?:get|list|getFromFamily|useReadOnly)$/.test(one))).toEqual([])
})

test('what has a policy of its own is a grant there', () => {
  const { role, grants } = gcpPermissions({
    features: ['groups', 'imageFamily', 'gcs'],
    serviceAccounts: ['web@web-prod.iam.gserviceaccount.com'],
    imageProjects: ['images'],
    networkProjects: ['network-host'],
    bucket: 'journals',
  })
  expect(grants).toEqual([
    {
      resource: 'projects/images',
      role: 'roles/compute.imageUser',
      permissions: ['compute.images.get', 'compute.images.getFromFamily', 'compute.images.useReadOnly'],
    },
    { resource: 'projects/network-host', role: 'roles/compute.networkUser', permissions: ['compute.subnetworks.use'] },
    {
      resource: 'projects/-/serviceAccounts/web@web-prod.iam.gserviceaccount.com',
      role: 'roles/iam.serviceAccountUser',
      permissions: ['iam.serviceAccounts.actAs'],
    },
    {
      resource: 'projects/_/buckets/journals',
      role: 'roles/storage.objectUser',
      permissions: ['storage.objects.create', 'storage.objects.delete', 'storage.objects.get', 'storage.objects.list'],
    },
  ])
  expect(role.includedPermissions.filter((one) => !one.startsWith('compute.'))).toEqual([])
})

test('what cannot be written is refused with every problem', () => {
  const bad = { features: ['gcs', 'alb'], to: 'destroy', serviceAccounts: ['web'], imageProjects: ['Images'] }
  try {
    gcpPermissions(bad as never)
  } catch (error) {
    if (!isRolloutError(error, 'spec-invalid')) throw error
    const paths = error.facts.problems.map((one) => one.path).toSorted()
    expect(paths).toEqual(['options.features[1]', 'options.imageProjects[0]', 'options.serviceAccounts[0]', 'options.to'])
    return
  }
  throw new Error('it was written')
})

test('a store without a bucket is refused', () => {
  expect(() => gcpPermissions({ features: ['gcs'] })).toThrow(/options\.bucket.*which the feature gcs needs/)
})

testTheWire()
