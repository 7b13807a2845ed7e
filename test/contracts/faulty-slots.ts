import type { FleetProvider, FleetTarget } from '../../src/core/ports.ts'
import { unless } from './unless.ts'

type Change = (right: FleetProvider) => Partial<FleetProvider>

/** What a provider with one fault does with slots, and with nothing else. */
export const SLOTS: Readonly<Record<string, Change>> = {
  'shows an empty slot': (right) => ({
    async describe(target, context) {
      const look = await right.describe(target, context)
      const [like] = look.groups
      const missing = namesOf(target).filter((name) => look.groups.every((one) => one.id !== name))
      if (like === undefined) return look
      return { ...look, groups: [...look.groups, ...missing.map((id) => ({ ...like, id, sizes: {}, instances: [] }))] }
    },
  }),
  'takes slots that are named the other way round for another fleet': (right) => ({
    async describe(target, context) {
      const look = await right.describe(target, context)
      return namesOf(target).length === 0 ? look : { ...look, fleet: `${look.fleet}/${namesOf(target)[0]}` }
    },
  }),
  'does not fill a slot': (right) => ({
    ensureGroup: (target, ...given) => (namesOf(target).length === 0 ? right.ensureGroup(target, ...given) : Promise.resolve({})),
  }),
  'fills whatever slot there is': (right) => ({
    ensureGroup: (target, request, context) => {
      const [first = ''] = namesOf(target)
      const filled = () => right.ensureGroup(target, { ...request, group: first }, context)
      return namesOf(target).length === 0
        ? right.ensureGroup(target, request, context)
        : unless('not-found', right.ensureGroup(target, request, context), filled)
    },
  }),
  'takes a slot that is filled for its own': (right) => ({
    ensureGroup: (target, request, context) =>
      namesOf(target).length === 0
        ? right.ensureGroup(target, request, context)
        : unless('conflict', right.ensureGroup(target, request, context), async () => ({})),
  }),
  'empties no slot': (right) => ({
    retire: (target, ...given) => (namesOf(target).length === 0 ? right.retire(target, ...given) : Promise.resolve({})),
  }),
}

function namesOf({ placement }: FleetTarget): readonly string[] {
  return placement.kind === 'slots' ? [placement.a, placement.b] : []
}
