import type { At, FleetSnapshot, InstanceView } from './snapshot.ts'
import { factsOf, type GenerationState, type InstanceFacts, type RolloutState } from './state.ts'

/** The instances of one generation as they were seen, joined with what the journal says of them. */
export interface Census {
  /** Instances that are not on their way out. */
  readonly present: readonly InstanceView[]
  /** Named for removal and still there. */
  readonly leaving: readonly InstanceView[]
  /** Of those present, the ones that serve or could: healthy by every source, not named for removal. */
  readonly healthy: number
  /** Healthy for as long as the budget asks. */
  readonly proven: number
  /** Those present whose health is not what the journal says. */
  readonly news: readonly InstanceView[]
  /** How many instances that are still there the journal tells of. */
  readonly known: number
  /** What the journal told when they were counted. */
  readonly facts: InstanceFacts
}

/** Nobody is there. */
export const NOBODY: readonly InstanceView[] = []

/**
 * Counts the instances of a generation.
 *
 * @param healthySince since when one must have been healthy to be proven; none has to where it is `undefined`.
 */
export function censusOf(
  state: RolloutState,
  one: GenerationState,
  instances: readonly InstanceView[],
  snapshot: FleetSnapshot,
  joined: boolean,
  healthySince: At | undefined,
): Census {
  const present: InstanceView[] = []
  const leaving: InstanceView[] = []
  const news: InstanceView[] = []
  // Stable's instances were there before; they have a story to tell once the rollout goes back to them.
  const tells = one.role !== 'stable' || one.id !== state.plan.stable.generation || state.aim === 'back'
  const facts = factsOf(state, one.id)
  // Of whoever was there before, the journal mostly tells nothing: nothing need be looked up for each of them.
  const told = hasAny(facts)
  let [healthy, proven, known] = [0, 0, 0]
  for (const instance of instances) {
    if (instance.release !== one.release || instance.state === 'terminating') continue
    const fact = told ? facts[instance.id] : undefined
    if (fact !== undefined && fact.goneAt === undefined) known++
    if (fact?.leavingAt !== undefined) {
      leaving.push(instance)
      continue
    }
    present.push(instance)
    const isHealthy = instanceHealthy(state, snapshot, instance, joined)
    if (tells && isHealthy !== (fact?.healthyAt !== undefined)) news.push(instance)
    if (!isHealthy) continue
    healthy++
    if (healthySince === undefined || (fact?.healthyAt !== undefined && fact.healthyAt <= healthySince)) proven++
  }
  return { present, leaving, healthy, proven, news, known, facts }
}

function hasAny(facts: InstanceFacts): boolean {
  for (const _ in facts) return true
  return false
}

/** An instance is healthy when the group's view, the router's view (once joined) and every probe agree. */
function instanceHealthy(state: RolloutState, snapshot: FleetSnapshot, instance: InstanceView, joined: boolean): boolean {
  if (instance.state !== 'healthy') return false
  if (joined && snapshot.traffic?.routing.instances[instance.id]?.state !== 'in') return false
  return state.plan.health.probes.length === 0 || snapshot.probes[instance.id] === true
}
