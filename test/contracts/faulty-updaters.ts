import { callFailed } from '../../src/core/errors.ts'
import type { FleetProvider, NativeUpdater } from '../../src/core/ports.ts'
import { unless } from './unless.ts'

/** What a provider with one fault does with the cloud's own updater. */
export const UPDATES: Readonly<Record<string, (right: FleetProvider) => Partial<FleetProvider>>> = {
  'says that the updater works, and it does not': updater(() => ({ start: () => Promise.resolve({}) })),
  'lets the updater end some before others serve': updater((right) => ({
    start: (target, group, request, context) =>
      right.start(target, group, { ...request, maxSurge: 0, maxUnavailable: 2 }, context),
  })),
  'lets the updater go on for ever': updater((right) => ({
    start: (target, group, { upTo: _upTo, ...request }, context) => right.start(target, group, request, context),
  })),
  'does not stop the updater': updater(() => ({ stop: () => Promise.resolve({}) })),
  'complains where no updater is at work': updater((right) => ({
    stop: async (target, group, context) => {
      if (group.endsWith('-gone')) throw callFailed('not-found', 'stopUpdate', 'There is no such group.')
      return await right.stop(target, group, context)
    },
  })),
  'takes what it says that its updater cannot be told': (right) => ({
    describe: async (target, context) => {
      const look = await right.describe(target, context)
      const soak = { can: false, why: 'it does not wait' } as const
      return { ...look, facts: { ...look.facts, updater: { least: { count: 2, why: 'it has two zones' }, soak } } }
    },
  }),
  'does without surge what it says that its updater cannot': (right) => ({
    describe: async (target, context) => {
      const look = await right.describe(target, context)
      const withoutSurge = { can: false, why: 'it changes those that run' } as const
      return { ...look, facts: { ...look.facts, updater: { withoutSurge } } }
    },
  }),
  'begins a second time': updater((right) => ({
    start: async (target, group, request, context) => {
      await right.stop(target, group, context)
      return await unless('conflict', right.start(target, group, request, context), async () => ({}))
    },
  })),
}

function updater(change: (right: NativeUpdater) => Partial<NativeUpdater>): (right: FleetProvider) => Partial<FleetProvider> {
  return ({ updater: right }) => (right === undefined ? {} : { updater: { ...right, ...change(right) } })
}
