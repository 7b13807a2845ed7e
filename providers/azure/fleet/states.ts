import type { InstanceState } from '../../../src/core/snapshot.ts'

/** What Azure says of an instance, each in the last word of its code and in lower case: `ProvisioningState/succeeded`. */
export interface NativeState {
  readonly provisioning: string | undefined
  readonly power: string | undefined
  /** Of the agent within; `undefined` for an instance that has none, or of which none has been heard. */
  readonly agent: string | undefined
  readonly health: string | undefined
  /** Whether something says if instances of the set are well. */
  readonly watched: boolean
}

type Meaning = InstanceState | 'next'

/** A state is the first thing here that is not `next`. What is not in a table is unknown, and never healthy. */
const PROVISIONING: Readonly<Record<string, Meaning>> = {
  creating: 'starting',
  // It may run while it is changed; until that is done nobody knows what it runs.
  updating: 'starting',
  deleting: 'terminating',
  failed: 'unhealthy',
  canceled: 'unhealthy',
  succeeded: 'next',
}
const POWER: Readonly<Record<string, Meaning>> = {
  starting: 'starting',
  running: 'next',
  stopping: 'unhealthy',
  stopped: 'unhealthy',
  deallocating: 'unhealthy',
  deallocated: 'unhealthy',
  hibernating: 'unhealthy',
  hibernated: 'unhealthy',
}
const AGENT: Readonly<Record<string, Meaning>> = { succeeded: 'next', updating: 'starting', unavailable: 'unknown' }
const HEALTH: Readonly<Record<string, Meaning>> = {
  healthy: 'healthy',
  unhealthy: 'unhealthy',
  initializing: 'starting',
  unknown: 'unknown',
}

/** What the state of an instance comes from. */
export type Source = 'ProvisioningState' | 'PowerState' | 'Agent' | 'HealthState'

/** The state of an instance as its scale set sees it, and which of what Azure says it comes from. */
export function stateOf({ provisioning, power, agent, health, watched }: NativeState): {
  readonly state: InstanceState
  readonly source: Source
  /** In Azure's words. */
  readonly said: string
} {
  const sayings: readonly (readonly [Source, string | undefined, Readonly<Record<string, Meaning>>])[] = [
    ['ProvisioningState', provisioning, PROVISIONING],
    ['PowerState', power, POWER],
    ...(agent === undefined ? [] : ([['Agent', agent, AGENT]] as const)),
    // Absent, where something should say it, is not healthy: the instance may run a model without it. What is said counts in any case.
    ...(watched || health !== undefined ? ([['HealthState', health, HEALTH]] as const) : []),
  ]
  for (const [source, word, table] of sayings) {
    const meaning = word === undefined ? 'unknown' : (table[word] ?? 'unknown')
    if (meaning !== 'next') return { state: meaning, source, said: `${source}/${word ?? 'not told'}` }
  }
  return { state: 'healthy', source: 'PowerState', said: 'PowerState/running' }
}
