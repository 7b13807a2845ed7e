import type { TrafficRouter } from '../../src/core/ports.ts'
import { clientOf, type LocalCloud } from './cloud.ts'

/** Which balancer of a local cloud sends the fleet's traffic. */
export interface LocalBalancerOptions {
  /** The name it was created with. */
  readonly name: string
}

/** The router of a fleet behind a balancer of the local cloud: weights in percent, a preview address for each route. No I/O. */
export function localBalancer(cloud: LocalCloud, { name: service }: LocalBalancerOptions): TrafficRouter<{ weights: true }> {
  const client = clientOf(cloud)
  return {
    contract: 1,
    kind: 'local',
    limits: { weights: true },
    look: (_target, context) => client.read('route.look', { service }, context),
    prepare: (_target, binding, context) => client.write('route.prepare', { service, binding }, context),
    join: (_target, binding, group, context) => client.write('route.join', { service, binding, group }, context),
    setWeights: (_target, expected, wanted, context) => client.write('route.weights', { service, expected, wanted }, context),
    leave: (_target, binding, group, instances, context) =>
      client.write('route.leave', { service, binding, group, instances }, context),
    release: (_target, binding, context) => client.write('route.release', { service, binding }, context),
  }
}
