import { format, resolveConfig } from 'prettier'
import { expect, test } from 'vitest'
import { PAGE, pageAnew } from './page.ts'

test('the page for Azure has the tables that its tests give', async () => {
  const text = await format(pageAnew(), { ...(await resolveConfig(PAGE)), filepath: PAGE })
  await expect(text, 'made anew by: npm test -- test/azure/page --update').toMatchFileSnapshot(PAGE)
})
