import { expect, test } from 'vitest'
import { leftOf, LIMITS } from './limits.ts'

const SET = '/subscriptions/s/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/web?api-version=1'
const [changing] = LIMITS.filter((one) => one.operations.includes('virtualMachineScaleSets.update'))

test('a bucket is emptied by what comes at once, and filled again by the minute', () => {
  const requests = (times: readonly number[], url = SET) =>
    times.map((at) => ({ method: 'PATCH', operation: 'virtualMachineScaleSets.update', url, body: {}, at }))
  expect(leftOf(changing!, requests([0, 0, 0]))).toBe(9)
  expect(leftOf(changing!, requests(Array.from({ length: 13 }, () => 0)))).toBe(-1)
  // Four a minute, for as long as one likes.
  expect(leftOf(changing!, requests(Array.from({ length: 100 }, (_, index) => index * 15_000)))).toBe(11)
  const others = requests(
    Array.from({ length: 12 }, () => 0),
    SET.replace('web', 'web-v001'),
  )
  expect(leftOf(changing!, [...requests(Array.from({ length: 12 }, () => 0)), ...others])).toBe(0)
})
