import { format, resolveConfig } from 'prettier'
import { expect, test } from 'vitest'
import { requestsByStrategy, tableOf } from '../azure/calls.ts'
import { leftOf, LIMITS, limitsTable } from '../azure/limits.ts'
import { PAGE } from '../azure/page.ts'
import { pageWith } from '../kit/page.ts'

test('the page for Azure has the calls that whole rollouts make, and as long as a set is listed by one page none empties what Azure allows', async () => {
  const found = await requestsByStrategy()
  for (const [name, all] of found)
    for (const requests of all.slice(0, 2))
      for (const limit of LIMITS) expect(leftOf(limit, requests), `${name}: ${limit.what}`).toBeGreaterThanOrEqual(0)
  const anew = pageWith(PAGE, { calls: tableOf(found), limits: limitsTable(found) })
  const text = await format(anew, { ...(await resolveConfig(PAGE)), filepath: PAGE })
  await expect(text, 'made anew by: npm run verify:deep -- test/deep/azure-calls --update').toMatchFileSnapshot(PAGE)
})
