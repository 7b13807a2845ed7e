import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../tools/subpaths.ts'
import { openSite } from './site.ts'

/** What each says when it has shown what it is there to show. Those that need more than to be started have a test of their own. */
const SAYS: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  'examples/01-first-rollout.ts': [
    /^1 {2}weight-25 .*25 % traffic/m,
    "traffic { web: 75, 'web-v001': 25 }",
    'weight-50 analysis pass',
    /promoted: web-v001 serves alone\. The fleet answers "two"\.\n$/,
  ],
  'examples/02-blue-green-with-approval.ts': [
    /^promotion is asked for until .*, else rollback\nana approved promotion: looks good\ntraffic/,
    "traffic { web: 0, 'web-v001': 100 }",
    /promoted: .*"two"\.\n$/,
  ],
  'examples/03-rolling-workers.ts': [/^promoted: of [1-9]\d* jobs .* 0 were lost\n$/],
  'examples/04-own-strategy.ts': [/^note: A fault/m, /leap: promoted by way of peek, leap, retire-stable\n$/],
}
const ELSEWHERE = [
  '05-cron-config.ts',
  '05-cron-tick.ts',
  '06-lambda-handler.ts',
  '07-ci-config.ts',
  '07-ci-step.ts',
  '08-azure.ts',
  '09-google-cloud.ts',
]

test.concurrent.for(Object.entries(SAYS))(
  '%s shows what it is about and leaves nothing behind',
  { timeout: 120_000 },
  async ([example, lines], context) => {
    const site = await openSite(context)
    const said = await site.run(example)
    for (const line of lines) expect(said).toMatch(line)
    expect(await site.leftovers()).toEqual([])
  },
)

test('every numbered example has its test', async () => {
  const there = (await readdir(join(root, 'examples'))).filter((name) => /^\d.*\.ts$/.test(name))
  expect(there.toSorted()).toEqual([...Object.keys(SAYS).map((path) => path.replace('examples/', '')), ...ELSEWHERE].toSorted())
})
