import { afterAll, beforeAll, describe, test } from 'vitest'
import { balancerKilled } from '../kills/balancer.ts'
import { openSite, type Site } from '../kills/site.ts'
import { killed, twoAtOnce } from '../kills/trials.ts'

const seed = Number(process.env['IMAGO_SEED'])

describe('kill -9 under load', () => {
  let site: Site
  beforeAll(async () => {
    site = await openSite()
  })
  afterAll(async () => await site.close())

  test('50 controllers', async () => await killed(site, 'controller', 50, seed))
  test('20 daemons', async () => await killed(site, 'daemon', 20, seed))
  test('20 pairs of controllers', async () => await twoAtOnce(site, 20, seed))
  test('10 balancers', async () => await balancerKilled(site, 10, seed))
})
