import { expect, test } from 'vitest'
import { stateOf } from '../../providers/azure/fleet/states.ts'

const WELL = { provisioning: 'succeeded', power: 'running', agent: 'succeeded', health: 'healthy', watched: true }

test.for([
  [{}, 'healthy'],
  [{ provisioning: 'creating', power: 'starting' }, 'starting'],
  [{ provisioning: 'updating' }, 'starting'],
  [{ provisioning: 'deleting' }, 'terminating'],
  [{ provisioning: 'failed' }, 'unhealthy'],
  [{ provisioning: 'a state that is new' }, 'unknown'],
  [{ provisioning: undefined }, 'unknown'],
  [{ power: 'starting' }, 'starting'],
  [{ power: 'stopped' }, 'unhealthy'],
  [{ power: 'deallocated' }, 'unhealthy'],
  [{ power: undefined }, 'unknown'],
  [{ power: 'a state that is new' }, 'unknown'],
  [{ agent: 'unavailable' }, 'unknown'],
  [{ agent: 'updating' }, 'starting'],
  // An image may have no agent.
  [{ agent: undefined }, 'healthy'],
  [{ health: 'unhealthy' }, 'unhealthy'],
  [{ health: 'initializing' }, 'starting'],
  [{ health: 'unknown' }, 'unknown'],
  [{ health: 'a state that is new' }, 'unknown'],
  // Absent where something should say it.
  [{ health: undefined }, 'unknown'],
  [{ health: undefined, watched: false }, 'healthy'],
  [{ health: 'unhealthy', watched: false }, 'unhealthy'],
] as const)('%o beside what is well is %s', ([other, state]) => {
  expect(stateOf({ ...WELL, ...other }).state).toBe(state)
})
