import { blueGreen, isRolloutError } from 'imago'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { CALLS_CHANNEL } from 'imago'
import { memoryStore } from 'imago/stores/memory'
import { expect, test } from 'vitest'
import { NEW, setUpFleet } from './fleet.ts'
import { CLONED, drive, startProcess } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'

const OLD_SECRET = 'export TOKEN=an-old-secret'
const NEW_SECRET = 'export TOKEN=a-new-secret'
const [OLD_DATA, NEW_DATA] = [OLD_SECRET, NEW_SECRET].map((text) => Buffer.from(text).toString('base64')) as [string, string]

test('user data is launched, and is in no plan, event, journal, call or message', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site, { launch: { UserData: OLD_DATA } })
  const written: string[] = []
  const store = memoryStore({ now: () => site.world.now, id: 'store' })
  const kept = {
    ...store,
    append: (...given: Parameters<typeof store.append>) => {
      written.push(JSON.stringify(given))
      return store.append(...given)
    },
  }
  const hear = (message: unknown) => void written.push(JSON.stringify(message))
  subscribe(CALLS_CHANNEL, hear)
  const { web } = startProcess(site, { listener, groups: CLONED, store: kept })
  const plan = await web.plan({ image: NEW, launch: { UserData: NEW_DATA }, strategy: blueGreen({ bake: '30s' }) })
  // What a plan was asked for goes with it to whoever starts it, and is in no journal in the clear.
  const { sealed: _sealed, asked: _asked, ...shown } = plan as typeof plan & { sealed?: unknown; asked?: unknown }
  written.push(JSON.stringify(shown), plan.toString())
  const rollout = await web.start(plan)
  rollout.onAny((event) => written.push(JSON.stringify(event)))
  await drive(site, rollout)
  unsubscribe(CALLS_CHANNEL, hear)
  written.push(JSON.stringify(await rollout.report()), JSON.stringify(await web.describe()))
  expect(rollout.state.outcome).toBe('promoted')

  const [template] = [...site.account.templates.values()].filter((one) => one.name !== 'web')
  expect(template?.versions.at(-1)?.['UserData']).toBe(NEW_DATA)
  const all = written.join('\n')
  expect(all.length).toBeGreaterThan(10_000)
  for (const secret of [OLD_SECRET, NEW_SECRET, OLD_DATA, NEW_DATA, 'a secret of nobody']) expect(all).not.toContain(secret)
})

test('launch settings that AWS does not take are refused without being repeated', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const { web } = startProcess(site, { listener, groups: CLONED, store: memoryStore({ now: () => site.world.now, id: 'store' }) })
  const asked = { image: NEW, launch: { UserDate: NEW_DATA }, strategy: blueGreen() } as never
  const refused: unknown = await web.plan(asked).catch((error: unknown) => error)
  if (!isRolloutError(refused)) throw refused
  expect(refused.message).toContain('UserDate')
  expect(`${refused.message} ${JSON.stringify(refused.facts)}`).not.toContain(NEW_DATA)
})

testTheWire()
