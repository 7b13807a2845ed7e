import { format, resolveConfig } from 'prettier'
import { expect, test } from 'vitest'
import { callsByStrategy, changesIn, tableOf } from '../gcp/calls.ts'
import { PAGE } from '../gcp/page.ts'
import { pageWith } from '../kit/page.ts'

test('the page for Google Cloud has the calls that whole rollouts make, and changes go by the steps', async () => {
  const found = await callsByStrategy()
  // A group of some hundreds is looked at as often, and changed as often, as one of some dozens.
  for (const [name, [, dozens, hundreds]] of found) expect(changesIn(hundreds!), name).toEqual(changesIn(dozens!))
  const text = await format(pageWith(PAGE, { calls: tableOf(found) }), { ...(await resolveConfig(PAGE)), filepath: PAGE })
  const anew = 'made anew by: npm run verify:deep -- test/deep/gcp-calls --update'
  await expect(text, anew).toMatchFileSnapshot(PAGE)
})
