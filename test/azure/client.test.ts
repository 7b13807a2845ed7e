import type * as compute from '@azure/arm-compute'
import { clone } from 'imago'
import { azure } from 'imago/azure'
import { expect, test, vi } from 'vitest'
import { SUBSCRIPTION } from './wire/account.ts'

const made = vi.hoisted(() => [] as unknown[][])

vi.mock('@azure/arm-compute', async (original) => {
  const { ComputeManagementClient } = await original<typeof compute>()
  class Watched extends ComputeManagementClient {
    constructor(...options: ConstructorParameters<typeof ComputeManagementClient>) {
      super(...options)
      made.push(options)
    }
  }
  return { ComputeManagementClient: Watched }
})

test('a client is made for each subscription, once, and repeats nothing by itself', async () => {
  const credential = { getToken: async () => Promise.reject(new Error('Nobody is to be asked here.')) }
  const cloud = azure({ subscription: SUBSCRIPTION, resourceGroup: 'shop', credential })
  const target = { name: 'web', placement: clone({ adopt: 'web' }), handles: [] }
  expect(made).toEqual([])
  for (const _again of [1, 2])
    await expect(cloud.describe(target, { signal: new AbortController().signal, token: 't' })).rejects.toThrow(
      /Nobody is to be asked/,
    )
  expect(made).toEqual([[credential, SUBSCRIPTION, { retryOptions: { maxRetries: 0 } }]])
})
