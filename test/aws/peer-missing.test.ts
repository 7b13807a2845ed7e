import { clone } from 'imago'
import { aws } from 'imago/aws'
import { expect, test, vi } from 'vitest'

vi.mock('@aws-sdk/client-auto-scaling', () => {
  throw new Error("Cannot find package '@aws-sdk/client-auto-scaling'")
})

test('a package of AWS that is not installed is named, and how to get it', async () => {
  const cloud = aws({ region: 'eu-west-1' })
  const look = cloud.describe(
    { name: 'web', placement: clone({ adopt: 'web' }), handles: [] },
    { signal: new AbortController().signal, token: 't' },
  )
  await expect(look).rejects.toMatchObject({
    code: 'peer-missing',
    message:
      'imago/aws needs @aws-sdk/client-auto-scaling, which is not installed here: npm install @aws-sdk/client-auto-scaling',
    facts: { package: '@aws-sdk/client-auto-scaling', for: 'imago/aws' },
  })
})
