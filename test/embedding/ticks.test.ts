import { blueGreen, clone, rolling, type Imago, type Strategy } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, type ProcessSetUp, type Site } from '../kit/index.ts'

/** What `imago.tick` says it gives at once. */
const AT_ONCE = 64
const never = () => new Promise<never>(() => undefined)

/** A process with as many fleets, each with a rollout that was never given a turn. */
async function begun(count: number, setUp: (site: Site) => ProcessSetUp = () => ({}), strategy: Strategy = rolling()) {
  const names = Array.from({ length: count }, (_, index) => `web-${index}`)
  const site = createSite({ fleets: names.map((id) => ({ groups: [{ id, image: 'img-1', size: 2 }] })) })
  const given = setUp(site)
  const { imago } = site.process({ ...given, name: 'other', groups: clone({ adopt: 'other' }) })
  for (const name of names) {
    const traffic = site.cloud.router === undefined ? {} : { traffic: site.cloud.router }
    const fleet = imago.fleet(name, { provider: 'cloud', groups: clone({ adopt: name }), ...traffic })
    await site.settled(fleet.plan({ image: 'img-2', strategy }).then((plan) => fleet.start(plan)))
  }
  return { site, imago, names }
}

/** Fleets whose rollout had a turn. */
async function turnsOf(site: Site, imago: Imago, budget: string): Promise<string[]> {
  const { turns } = await site.settled(imago.tick({ budget: budget as '20s' }))
  return turns.map((turn) => turn.rolloutId.replace(/^sim\/|#.*$/g, '')).sort()
}

describe('imago.tick gives turns side by side', () => {
  test('so that one whose look hangs keeps nobody else waiting', async () => {
    let hangs = false
    const { site, imago, names } = await begun(4, ({ cloud: { provider } }) => ({
      provider: {
        describe: (target, context) => (hangs && target.name === 'web-0' ? never() : provider.describe(target, context)),
      },
    }))
    hangs = true
    expect(await turnsOf(site, imago, '20s')).toEqual(names)
  })

  test('so that one whose check hangs keeps nobody else waiting', async () => {
    const asked = new Map<string, number>()
    const ask = (site: Site) => (context: { readonly group: string }) => {
      if (!asked.has(context.group)) asked.set(context.group, site.world.now)
      return context.group.startsWith('web-0') ? never() : true
    }
    const strategy = blueGreen({ verify: ['smoke'], bake: '1m' })
    const { site, imago, names } = await begun(4, (made) => ({ checks: { smoke: ask(made) } }), strategy)
    for (let pass = 0; pass < 60 && asked.size < names.length; pass++) {
      await site.settled(imago.tick({ budget: '20s' }))
      await site.pass(5_000)
    }
    expect(asked.size).toBe(names.length)
    const times = [...asked.values()]
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(1_000)
  })

  test(`up to ${AT_ONCE} at once, and none is begun after the budget: those that were passed by come first the next time`, async () => {
    let [open, most] = [0, 0]
    const { site, imago, names } = await begun(2.5 * AT_ONCE, ({ world, cloud: { provider } }) => ({
      provider: {
        async describe(...given) {
          most = Math.max(most, ++open)
          await world.clock.sleep(15_000)
          open--
          return await provider.describe(...given)
        },
      },
    }))
    most = 0
    const first = await turnsOf(site, imago, '20s')
    expect(most).toBe(AT_ONCE)
    expect(first).toHaveLength(2 * AT_ONCE)
    const second = await turnsOf(site, imago, '5s')
    expect(names.filter((name) => !first.includes(name) && !second.includes(name))).toEqual([])
  })

  test('and what goes wrong with some, expected or not, harms nobody else’s turn', async () => {
    // More than are given a turn at once.
    const broken = new Set<string>()
    const silent = () => undefined
    const fails = () => {
      throw new TypeError('a logger that fails')
    }
    const { site, imago, names } = await begun(AT_ONCE + 4, ({ cloud: { provider } }) => ({
      log: { debug: silent, info: silent, warn: fails, error: silent },
      provider: {
        async describe(target, context) {
          if (broken.has(target.name)) throw new Error('away')
          return await provider.describe(target, context)
        },
      },
    }))
    for (const name of names.slice(0, AT_ONCE + 1)) broken.add(name)
    await expect(site.settled(imago.tick())).rejects.toThrow('a logger that fails')
    const moved = await Promise.all(names.map(async (name) => (await site.store.read(`fleet/sim/${name}`, 2)).length > 0))
    expect(names.filter((_, index) => moved[index] !== true)).toEqual([...broken])
  })
})
