import { expect, test } from 'vitest'
import { pattern } from '../kit/bad-luck.ts'
import { share } from '../kit/share.ts'
import { imagesOf } from './rolling.ts'
import { createSite } from './site.ts'
import { troubles } from './troubles.ts'

test.for(share(troubles, 3).map((row) => [row.situation, row] as const))('%s', { timeout: 120_000 }, async ([, row]) => {
  const site = await createSite()
  const { code, message, left } = await row.try(site)
  expect(message).toMatch(pattern(row.says))
  expect([code, left]).toEqual([row.code, ''])
  expect(imagesOf(site)).toEqual(row.images)
})
