import { afterAll, beforeAll, describe, test } from 'vitest'
import { balancerKilled } from '../kills/balancer.ts'
import { needProc } from '../kills/processes.ts'
import { openSite, type Site } from '../kills/site.ts'
import { killed, twoAtOnce } from '../kills/trials.ts'

const seed = Number(process.env['IMAGO_SEED'])

describe('kill -9 under load', () => {
  let site: Site
  beforeAll(async () => {
    site = await openSite()
  })
  afterAll(async () => await site.close())

  test('50 controllers', async ({ skip }) => {
    needProc(skip)
    await killed(site, 'controller', 50, seed)
  })
  test('20 daemons', async ({ skip }) => {
    needProc(skip)
    await killed(site, 'daemon', 20, seed)
  })
  test('20 pairs of controllers', async ({ skip }) => {
    needProc(skip)
    await twoAtOnce(site, 20, seed)
  })
  test('10 balancers', async ({ skip }) => {
    needProc(skip)
    await balancerKilled(site, 10, seed)
  })
})
