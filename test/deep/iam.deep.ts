import { expect, test } from 'vitest'
import { actionsOf, neededBy, superfluous, WHOLE } from '../aws/permissions.ts'

test('every action of a policy is needed', async () => {
  const needed = await neededBy()
  const found: string[] = []
  for (const action of actionsOf(WHOLE)) found.push(...[await superfluous(action, needed)].filter((one) => one !== undefined))
  expect(found).toEqual([])
})
