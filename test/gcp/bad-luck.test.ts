import { expect, test } from 'vitest'
import { share } from '../kit/share.ts'
import { pattern } from '../kit/bad-luck.ts'
import { badLuck, standing } from './bad-luck.ts'
import { running } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'

test.for(share(badLuck, 5).map((row) => [row.situation, row] as const))('%s', { timeout: 120_000 }, async ([, row]) => {
  const site = await createSite({ driven: true })
  standing(site)
  const { code, message, left } = await row.try(site)
  expect(message).toMatch(pattern(row.says))
  expect([code, left]).toEqual([row.code, ''])
  expect(running(site)).toEqual(row.images)
})

testTheWire()
