import type { Fleet, MetricSource, Rollout, RolloutEvent, RolloutSpec } from 'imago'
import type { Ground } from './ground.ts'

/** What tests do with the rollouts of a site. */
export interface Rollouts {
  /** Plans and starts a rollout. @param image `img-2` unless told otherwise. */
  started(fleet: Fleet, strategy: RolloutSpec['strategy'], image?: string): Promise<Rollout>
  /** Turns, ten seconds apart. */
  turns(rollout: Rollout, count: number): Promise<void>
  /** Turns until the journal has such an event; it fails after 400. */
  until(rollout: Rollout, found: (event: RolloutEvent) => boolean): Promise<RolloutEvent>
  /** What the store holds of a rollout. */
  events(rollout: Rollout): Promise<RolloutEvent[]>
}

/** What tests do with rollouts, on this site. */
export function rolloutsOn({ store, settled, pass }: Ground): Rollouts {
  const events = async ({ id, fleet }: Rollout) => {
    const entries = await settled(store.read(`fleet/${fleet}`, 1))
    return entries.map((entry) => entry['event'] as unknown as RolloutEvent).filter((event) => event.rolloutId === id)
  }
  return {
    events,
    started: (fleet, strategy, image = 'img-2') => settled(fleet.plan({ image, strategy }).then((plan) => fleet.start(plan))),
    async turns(rollout, count) {
      for (let turn = 0; turn < count; turn++) {
        await settled(rollout.tick())
        await pass(10_000)
      }
    },
    async until(rollout, found) {
      for (let turn = 0; turn < 400; turn++) {
        await settled(rollout.tick())
        const event = (await events(rollout)).find(found)
        if (event !== undefined) return event
        await pass(10_000)
      }
      throw new Error('no such event in 400 turns')
    },
  }
}

/** Events of one type. */
export function ofType<T extends RolloutEvent['type']>(
  events: readonly RolloutEvent[],
  type: T,
): Extract<RolloutEvent, { type: T }>[] {
  return events.filter((event) => event.type === type) as Extract<RolloutEvent, { type: T }>[]
}

/** A metric source that answers with these samples at once. */
export function metric(read: MetricSource['read']): MetricSource {
  return { contract: 1, kind: 'test', read }
}
