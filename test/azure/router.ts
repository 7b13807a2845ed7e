import type { TrafficRouter } from 'imago'

/** A router of the fleet's owner, for plans: all its traffic goes to one set, by one pool. It changes nothing either. */
export function ownRouter(set: string, binding: string): TrafficRouter<{ weights: true }> {
  const refuse = async (): Promise<never> => {
    throw new Error('No plan changes traffic.')
  }
  return {
    contract: 1,
    kind: 'own',
    limits: { weights: true },
    look: async () => ({
      routing: { routes: [{ binding, weight: 100, groups: [set] }], instances: {} },
      facts: {
        weights: { can: true },
        units: 100,
        conditional: { can: true },
        preview: { can: false, why: 'it has one address' },
        settleMs: 0,
        lateCallHorizonMs: 0,
        propagationMs: 0,
        drainDeadlineMs: 60_000,
        health: [],
      },
    }),
    prepare: refuse,
    join: refuse,
    setWeights: refuse,
    leave: refuse,
    release: refuse,
  }
}
