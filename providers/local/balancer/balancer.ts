import { CLIENT_LIMITS, type ClientLimits } from './limits.ts'
import { openListener, type Listener } from './listener.ts'
import { createPool, retirePool, updatePool, type Pool } from './pool.ts'
import { nextPool, restartTurns, type Route } from './route.ts'
import type { BalancerState, BalancerTable, ListenAddress, PoolState, ServiceState, TablePool, TableService } from './table.ts'

/** Takes requests as its table says. */
export interface Balancer {
  /** Replaces the table as one; resolves when each new port was tried once. What is under way ends as it would have. */
  apply(table: BalancerTable): Promise<void>
  state(): BalancerState
  /** Closes all ports; resolves when the last request has ended. The signal cuts those that have not. */
  stop(signal: AbortSignal): Promise<void>
}

interface Service {
  listener: Listener
  readonly members: Map<string, Member>
  /** Its pools are replaced as a whole, so no request sees half of a table. */
  readonly route: { pools: readonly Pool[] } & Route
}

/** A pool, and the port where it answers alone. */
interface Member {
  readonly pool: Pool
  preview: Listener | undefined
}

type Open = (wanted: ListenAddress, route: Route) => Listener

/** Makes a balancer with an empty table: it listens nowhere. */
export function createBalancer(limits: ClientLimits = CLIENT_LIMITS): Balancer {
  const services = new Map<string, Service>()
  const open: Open = (wanted, route) => openListener(wanted, route, limits)
  let version = 0

  return {
    async apply(table) {
      version = table.version
      const wanted = new Set(table.services.map((one) => one.name))
      for (const [name, service] of services) {
        if (wanted.has(name)) continue
        services.delete(name)
        void closeService(service)
      }
      for (const row of table.services) {
        const service = services.get(row.name) ?? createService(row, open)
        services.set(row.name, service)
        updateService(service, row, open)
      }
      await Promise.all([...services.values()].flatMap(listeners).map((one) => one.tried))
    },
    state: () => ({ version, services: Object.fromEntries([...services].map(([name, one]) => [name, stateOf(one)])) }),
    async stop(signal) {
      await Promise.all([...services.values()].map((service) => closeService(service, signal)))
      services.clear()
    },
  }
}

function createService(row: TableService, open: Open): Service {
  const route: Service['route'] = { pools: [], next: () => nextPool(route.pools) }
  return { listener: open(row.listen, route), members: new Map(), route }
}

function updateService(service: Service, row: TableService, open: Open): void {
  const { members, route } = service
  if (!sameAddress(service.listener.wanted, row.listen)) {
    void service.listener.close()
    service.listener = open(row.listen, route)
  }
  const before = weightsOf(route.pools)
  route.pools = row.pools.map((one) => updateMember(members, one, open))
  if (weightsOf(route.pools) !== before) restartTurns(route.pools)
  for (const [binding, { pool, preview }] of members) {
    if (route.pools.includes(pool)) continue
    members.delete(binding)
    retirePool(pool)
    void preview?.close()
  }
}

function updateMember(members: Map<string, Member>, row: TablePool, open: Open): Pool {
  const member = members.get(row.binding) ?? { pool: createPool(row.binding), preview: undefined }
  const { pool, preview } = member
  members.set(row.binding, member)
  updatePool(pool, row)
  if (!sameAddress(preview?.wanted, row.preview)) {
    void preview?.close()
    member.preview = row.preview && open(row.preview, { pools: [pool], next: () => pool })
  }
  return pool
}

async function closeService(service: Service, signal?: AbortSignal): Promise<void> {
  await Promise.all(listeners(service).map((one) => one.close(signal)))
  for (const { pool } of service.members.values()) retirePool(pool)
}

function listeners({ listener, members }: Service): Listener[] {
  return [listener, ...[...members.values()].flatMap(({ preview }) => preview ?? [])]
}

function weightsOf(pools: readonly Pool[]): string {
  return JSON.stringify(pools.map((one) => [one.binding, one.weight]))
}

function sameAddress(a: ListenAddress | undefined, b: ListenAddress | undefined): boolean {
  return a?.host === b?.host && a?.port === b?.port
}

function stateOf({ listener, members }: Service): ServiceState {
  const address = listener.address()
  const error = listener.error()
  return {
    listening: address !== undefined,
    ...(address === undefined ? {} : { address }),
    ...(error === undefined ? {} : { error }),
    pools: Object.fromEntries([...members].map(([binding, member]) => [binding, poolState(member)])),
  }
}

function poolState({ pool, preview }: Member): PoolState {
  const now = Date.now()
  const address = preview?.address()
  const targets = pool.targets.map((one) => [one.instance, { inFlight: one.inFlight, ejected: one.ejectedUntil > now }])
  return { ...(address && { preview: address }), counters: pool.counters.read(now), targets: Object.fromEntries(targets) }
}
