import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, type TestContext } from 'vitest'
import { root } from '../../tools/subpaths.ts'
import { openShop, type Shop } from './shop.ts'
import { openSite, type Site } from './site.ts'

/** Far more turns than a canary of one weight takes on a slow machine. */
const MOST_TURNS = 150

/** A whole canary, a new process for each turn, by whoever gives them. */
export const WHOLE_CANARIES: Readonly<Record<string, (context: TestContext) => Promise<void>>> = {
  'examples/05-cron-tick.ts': byCron,
  'examples/06-lambda-handler.ts': byHandler,
}

async function byCron(context: TestContext): Promise<void> {
  const site = await openSite(context)
  expect(await site.run('examples/05-cron-tick.ts')).toBe('nothing under way\n')
  const shop = await openShop(site)
  const turns = await turnsUntilEnded(shop, () => site.run('examples/05-cron-tick.ts'))
  expect(turns.at(-1)).toContain(`${shop.rolloutId} had a turn and has ended`)
  expect(await site.run('examples/05-cron-tick.ts')).toBe('nothing under way\n')
  await ended(site, shop)
}

async function byHandler(context: TestContext): Promise<void> {
  const site = await openSite(context)
  const shop = await openShop(site)
  const turns = await turnsUntilEnded(shop, () => call(site, 20_000))
  expect(JSON.parse(turns.at(-1) ?? '')).toEqual({
    turns: [{ rolloutId: shop.rolloutId, done: true, wakeAt: expect.any(Number) }],
    skipped: [],
  })
  await ended(site, shop)
}

/** Gives turns until the rollout has ended. @returns what each of them said. */
async function turnsUntilEnded(shop: Shop, turn: () => Promise<string>): Promise<string[]> {
  const said: string[] = []
  while ((await shop.outcome()) === 'unfinished') {
    expect(said.length, said.slice(-3).join('')).toBeLessThan(MOST_TURNS)
    said.push(await turn())
  }
  return said
}

/** One call of the handler, by a platform that leaves it this much time. */
async function call(site: Site, leftMs: number): Promise<string> {
  const handler = pathToFileURL(join(root, 'examples/06-lambda-handler.ts')).href
  const program = `import { handler } from '${handler}'
    console.log(JSON.stringify(await handler({}, { getRemainingTimeInMillis: () => ${leftMs} })))`
  return await site.run('--input-type=module', '-e', program)
}

/** The new image serves alone, and afterwards nothing is left. */
async function ended(site: Site, shop: Shop): Promise<void> {
  expect(await shop.outcome()).toBe('promoted')
  expect(await shop.answer()).toBe('two')
  await shop.close()
  expect(await site.leftovers()).toEqual([])
}
