import { clone } from 'imago'
import { azure } from 'imago/azure'
import { expect, test, vi } from 'vitest'

vi.mock('@azure/arm-compute', () => {
  throw new Error("Cannot find package '@azure/arm-compute'")
})

test('a package of Azure that is not installed is named, and how to get it', async () => {
  const cloud = azure({
    subscription: '11111111-2222-3333-4444-555555555555',
    resourceGroup: 'shop',
    credential: { getToken: async () => null },
  })
  const look = cloud.describe(
    { name: 'web', placement: clone({ adopt: 'web' }), handles: [] },
    { signal: new AbortController().signal, token: 't' },
  )
  await expect(look).rejects.toMatchObject({
    code: 'peer-missing',
    message: 'imago/azure needs @azure/arm-compute, which is not installed here: npm install @azure/arm-compute',
    facts: { package: '@azure/arm-compute', for: 'imago/azure' },
  })
})
