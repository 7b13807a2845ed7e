import { clone } from 'imago'
import { gcp } from 'imago/gcp'
import { expect, test, vi } from 'vitest'

vi.mock('@google-cloud/compute/build/src/v1/instance_group_managers_client.js', () => {
  throw new Error('Package subpath is not defined by "exports"')
})
vi.mock('@google-cloud/compute', () => ({
  InstanceGroupManagersClient: class {
    initialize() {
      return Promise.reject(new Error('The whole package was loaded.'))
    }
  },
}))

test("where a client's own module is not found, the package as a whole is asked", async () => {
  const look = gcp({ project: 'web-prod', location: 'europe-west1-b' }).describe(
    { name: 'web', placement: clone({ adopt: 'web' }), handles: [] },
    { signal: new AbortController().signal, token: 't' },
  )
  await expect(look).rejects.toThrow('instanceGroupManagers.initialize failed: The whole package was loaded.')
})
