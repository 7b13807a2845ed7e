import { afterAll, beforeAll, describe, test } from 'vitest'
import { balancerKilled } from './balancer.ts'
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

  test(
    'a controller killed and started again ends as if nothing had been',
    async () => await killed(site, 'controller', 2, seed),
    120_000,
  )
  test('a daemon killed changes nothing', async () => await killed(site, 'daemon', 1, seed), 120_000)
  test('of two controllers one drives and the other is told who', async () => await twoAtOnce(site, 1, seed), 120_000)
  test('the balancer killed serves again within a second', async () => await balancerKilled(site, 1, seed), 60_000)
})
