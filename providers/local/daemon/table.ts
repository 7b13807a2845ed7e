import type { BalancerTable, TableTarget } from '../balancer/table.ts'
import type { CloudState, GroupRecord, InstanceRecord, PoolRecord } from './state.ts'

/** Where previews and instances listen. */
export const LOOPBACK = '127.0.0.1'

/** What the balancer shall serve; the version is put on when it is sent. */
export function tableOf(state: CloudState): Omit<BalancerTable, 'version'> {
  const services = Object.values(state.services).map(({ name, host, port, pools }) => ({
    name,
    listen: { host, port },
    pools: pools.map((pool) => ({
      binding: pool.binding,
      weight: pool.weight,
      preview: { host: LOOPBACK, port: 0 },
      targets: targetsOf(state, pool),
    })),
  }))
  return { services }
}

/** Whether an instance gets new requests of a pool: healthy, not on its way out, and not told to leave. */
export function isIn(pool: PoolRecord, group: GroupRecord, instance: InstanceRecord): boolean {
  return instance.health === 'healthy' && instance.removing === undefined && !hasLeft(pool, group, instance)
}

/** Whether an instance was told to leave a pool, alone or with its group. */
export function hasLeft(pool: PoolRecord, group: GroupRecord, instance: InstanceRecord): boolean {
  const left = pool.members[group.id]?.left ?? 'all'
  return left === 'all' || left.includes(instance.id)
}

/** Instances that get nothing new stay in the table: so their requests under way can be counted. */
function targetsOf(state: CloudState, pool: PoolRecord): TableTarget[] {
  const groups = Object.keys(pool.members).flatMap((id) => state.groups[id] ?? [])
  return groups.flatMap((group) =>
    group.instances
      .filter((instance) => instance.process !== undefined && instance.removing?.stoppedAt === undefined)
      .map((instance) => ({
        instance: instance.id,
        host: LOOPBACK,
        port: instance.port,
        state: isIn(pool, group, instance) ? ('in' as const) : ('draining' as const),
      })),
  )
}
