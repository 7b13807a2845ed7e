import { expect, test } from 'vitest'
import { faultOf, faultsOf, type Blow } from '../kit/deaths.ts'
import { share, SHARE_MS } from '../kit/share.ts'
import { courses, goThrough } from './deaths.ts'

test.for(share(courses, 6))(
  '%s ends as it would have, wherever a process dies or an answer is lost',
  { timeout: SHARE_MS },
  async ([, course]) => {
    expect(await faultsOf((blow) => goThrough(course, blow), 23)).toEqual([])
  },
)

test('a clone whose maker died before it had its autoscale setting gets the usual size of its original', async () => {
  const [, given] = courses.find(([name]) => name === 'blue/green by rules, Uniform')!
  const course = (blow?: Blow) => goThrough(given, blow)
  const unharmed = await course()
  const at = unharmed.changes.indexOf('PUT virtualMachineScaleSets.createOrUpdate') + 1
  expect(at).toBeGreaterThan(0)
  expect(await faultOf(course, unharmed, { at, kind: 'dies after' })).toBeUndefined()
})
