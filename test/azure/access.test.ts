import { clone, isRolloutError } from 'imago'
import { azure, type AzureAccess } from 'imago/azure'
import { expect, test } from 'vitest'
import { SUBSCRIPTION } from './wire/account.ts'

const credential = { getToken: async () => null }

test('a wrong access is refused with every problem at once, and repeats no credential', () => {
  const wrong = { subscription: 'mine', resourceGroup: 'a group.', credential: { secret: 'hush' }, region: 'westeurope' }
  const refused = refusal(wrong as unknown as AzureAccess)
  expect(refused).toContain('access.subscription: found "mine"; allowed: the id of a subscription, a GUID')
  expect(refused).toContain('access.resourceGroup: found "a group."')
  expect(refused).toContain('access.credential: found an object; allowed: a credential: { getToken }')
  expect(refused).toContain('access.region: found a key that is not known')
  expect(refused).not.toContain('hush')
})

test.for([
  ['neither', {}],
  ['both', { credential, client: () => ({ pipeline: {}, virtualMachineScaleSets: {}, galleryImageVersions: {} }) }],
] as const)('%s of credential and client is refused', ([, more]) => {
  const refused = refusal({ subscription: SUBSCRIPTION, resourceGroup: 'shop', ...more })
  expect(refused).toContain('allowed: either a credential or a client')
})

test('a credential is asked for a token of Azure’s own, and one that has none is denied', async () => {
  const asked: unknown[] = []
  const getToken = async (scopes: string | string[]) => {
    asked.push(scopes)
    throw Object.assign(new Error('Please run az login.'), { name: 'CredentialUnavailableError' })
  }
  const cloud = azure({ subscription: SUBSCRIPTION, resourceGroup: 'shop', credential: { getToken } })
  const target = { name: 'web', placement: clone({ adopt: 'web' }), handles: [] }
  await expect(cloud.describe(target, { signal: new AbortController().signal, token: 't' })).rejects.toMatchObject({
    facts: { class: 'denied', native: 'CredentialUnavailableError' },
  })
  // What goes by the client's pipeline without being one of its operations bears the same token.
  expect([...new Set(asked.flat())]).toEqual(['https://management.azure.com/.default'])
})

function refusal(access: AzureAccess): string {
  try {
    azure(access)
  } catch (error) {
    if (isRolloutError(error, 'spec-invalid')) return error.message
    throw error
  }
  return 'it was taken'
}
