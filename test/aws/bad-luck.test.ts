import { expect, test } from 'vitest'
import { pattern } from '../kit/bad-luck.ts'
import { badLuck } from './bad-luck.ts'
import { setUpFleet } from './fleet.ts'
import { staying } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'

test.for(badLuck.map((row) => [row.situation, row] as const))('%s', async ([, row]) => {
  const site = await createSite()
  await setUpFleet(site)
  const { code, message, left } = await row.try(site)
  expect(code).toBe(row.code)
  expect(left).toBe('')
  expect(message).toMatch(pattern(row.says))
  expect(staying(site).map((one) => one.image)).toEqual(row.images)
})

testTheWire()
