import { clone } from 'imago'
import { gcp } from 'imago/gcp'
import { expect, test, vi } from 'vitest'

vi.mock('@google-cloud/compute/build/src/v1/instance_group_managers_client.js', () => {
  throw new Error("Cannot find package '@google-cloud/compute'")
})
vi.mock('@google-cloud/compute', () => {
  throw new Error("Cannot find package '@google-cloud/compute'")
})

test('the package of Google that is not installed is named, and how to get it', async () => {
  const cloud = gcp({ project: 'web-prod', location: 'europe-west1-b' })
  const look = cloud.describe(
    { name: 'web', placement: clone({ adopt: 'web' }), handles: [] },
    { signal: new AbortController().signal, token: 't' },
  )
  await expect(look).rejects.toMatchObject({
    code: 'peer-missing',
    message: 'imago/gcp needs @google-cloud/compute, which is not installed here: npm install @google-cloud/compute',
    facts: { package: '@google-cloud/compute', for: 'imago/gcp' },
  })
})
