import { afterAll, beforeAll, describe, test } from 'vitest'
import { balancerKilled } from './balancer.ts'
import { needProc } from './processes.ts'
import { openSite, type Site } from './site.ts'
import { killed, twoAtOnce } from './trials.ts'

// A share of what the deep tests do, drawn from the commit.
const seed = Number(process.env['IMAGO_SEED'])

describe('kill -9 under load', () => {
  let site: Site
  beforeAll(async () => {
    site = await openSite()
  }, 60_000)
  afterAll(async () => await site.close(), 60_000)

  const [who, becomes] =
    seed % 2 === 0
      ? (['controller', 'and started again ends as if nothing had been'] as const)
      : (['daemon', 'changes nothing'] as const)
  test(`a ${who} killed ${becomes}`, { timeout: 240_000 }, async ({ skip }) => {
    needProc(skip)
    await killed(site, who, 1, seed)
  })
  test('of two controllers one drives and the other is told who', { timeout: 240_000 }, async ({ skip }) => {
    needProc(skip)
    await twoAtOnce(site, 1, seed)
  })
  test('the balancer killed serves again within a second', { timeout: 240_000 }, async ({ skip }) => {
    needProc(skip)
    await balancerKilled(site, 1, seed)
  })
})
