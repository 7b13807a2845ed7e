import { foldAll, rolling, type RolloutEvent, type RolloutState } from 'imago'
import { expect, test } from 'vitest'
import { createSite } from '../kit/index.ts'

type InstanceType = 'instance.healthy' | 'instance.unhealthy' | 'instance.lost' | 'instance.leaving' | 'instance.drained'
const TYPES: readonly InstanceType[] = [
  'instance.healthy',
  'instance.unhealthy',
  'instance.lost',
  'instance.leaving',
  'instance.drained',
]

test('events of one moment about instances give the same state, folded together or one by one', async () => {
  const site = createSite()
  const { state: started } = await site.started(site.process().fleet, rolling())
  const instances = Object.keys(started.generations).flatMap((generation) =>
    ['i-1', 'i-2'].map((instance) => ({ generation, instance })),
  )
  // All have come, were chosen to leave and are gone, for longer than any read may lag.
  const past = (['instance.healthy', 'instance.leaving', 'instance.lost'] as const).flatMap((type) =>
    instances.map((one) => ({ ...one, type })),
  )
  const state = folded(started, events(started, started.at, past))
  const at = started.at + started.plan.restsOn.provider.settleMs + 1
  const heard = instances.flatMap((one) => TYPES.map((type) => ({ ...one, type })))
  for (const first of heard) {
    for (const second of heard) {
      const now = events(state, at, [first, second])
      const apart = now.reduce((before, event) => folded(before, [event]), state)
      expect(folded(state, now), `${first.type}, then ${second.type}`).toEqual(apart)
    }
  }
})

function folded(state: RolloutState, journal: readonly RolloutEvent[]): RolloutState {
  return foldAll(state, journal) ?? expect.fail()
}

/** Events of one moment that come next. */
function events(
  { rolloutId, fleet, epoch, seq }: RolloutState,
  at: number,
  facts: readonly { readonly type: InstanceType; readonly generation: string; readonly instance: string }[],
): RolloutEvent[] {
  const head = { v: 1, at, rolloutId, fleet, epoch } as const
  return facts.map((fact, index) => ({ ...head, seq: seq + 1 + index, why: 'it is gone', clean: true, ...fact }))
}
