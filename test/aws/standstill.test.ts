import { alb, aws } from 'imago/aws'
import { createLife, type Life } from 'imago/testing'
import { expect, test } from 'vitest'
import { setUpFleet } from './fleet.ts'
import { CLONED } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'

test('a process that stood still in the middle of a change sends nothing of it any more once its time is over', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  let sent = 0
  const life = standingStill(site, 'ModifyTargetGroupAttributes', 600, () => void (sent = 0))
  const clients = site.clientsOf(life, () => void sent++)
  const router = alb(aws({ ...site.access, clients }), { listeners: [listener] })
  const target = { name: 'web', placement: CLONED, handles: [] }
  const given = { signal: AbortSignal.timeout(500), token: 'a change' }
  await expect(router.prepare(target, 'web-v001', given)).rejects.toMatchObject({ facts: { class: 'unknown' } })
  expect(site.account.calls.get('elb.ModifyTargetGroupAttributes')).toBe(1)
  expect(sent).toBe(0)
})

testTheWire()

/** The whole process stands still once such an answer has come, before anybody makes use of it. */
function standingStill({ world }: Site, command: string, ms: number, wakesUp: () => void): Life {
  const life = createLife(world, { dies: () => false }, () => undefined)
  return {
    ...life,
    async around(name, body) {
      const answer = await body()
      if (!name.startsWith(command)) return answer
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
      wakesUp()
      return answer
    },
  }
}
