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
  readonly pools: Map<string, Pool>
  readonly previews: Map<string, Listener>
  /** Replaced as a whole, so no request sees half of a table. */
  route: { pools: readonly Pool[] } & Route
}

/** Makes a balancer with an empty table: it listens nowhere. */
export function createBalancer(): Balancer {
  const services = new Map<string, Service>()
  const never = new AbortController().signal
  let version = 0

  return {
    async apply(table) {
      version = table.version
      const wanted = new Set(table.services.map((one) => one.name))
      for (const [name, service] of services) {
        if (wanted.has(name)) continue
        services.delete(name)
        void closeService(service, never)
      }
      for (const row of table.services) {
        const service = services.get(row.name) ?? createService(row)
        services.set(row.name, service)
        updateService(service, row, never)
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

function createService(row: TableService): Service {
  const pools: readonly Pool[] = []
  const route: Service['route'] = { pools, next: () => nextPool(route.pools) }
  return { listener: openListener(row.listen, route), pools: new Map(), previews: new Map(), route }
}

function updateService(service: Service, row: TableService, signal: AbortSignal): void {
  if (!sameAddress(service.listener.wanted, row.listen)) {
    void service.listener.close(signal)
    service.listener = openListener(row.listen, service.route)
  }
  const before = weightsOf(service.route.pools)
  const pools = row.pools.map((one) => updateMember(service, one, signal))
  for (const [binding, pool] of service.pools) if (!pools.includes(pool)) dropMember(service, binding, signal)
  service.route.pools = pools
  if (weightsOf(pools) !== before) restartTurns(pools)
}

function updateMember(service: Service, row: TablePool, signal: AbortSignal): Pool {
  const pool = service.pools.get(row.binding) ?? createPool(row.binding)
  service.pools.set(row.binding, pool)
  updatePool(pool, row)
  const preview = service.previews.get(row.binding)
  if (sameAddress(preview?.wanted, row.preview)) return pool
  service.previews.delete(row.binding)
  void preview?.close(signal)
  if (row.preview !== undefined) service.previews.set(row.binding, openListener(row.preview, { pools: [pool], next: () => pool }))
  return pool
}

function dropMember(service: Service, binding: string, signal: AbortSignal): void {
  const pool = service.pools.get(binding)
  if (pool !== undefined) retirePool(pool)
  service.pools.delete(binding)
  void service.previews.get(binding)?.close(signal)
  service.previews.delete(binding)
}

async function closeService(service: Service, signal: AbortSignal): Promise<void> {
  await Promise.all(listeners(service).map((one) => one.close(signal)))
  for (const pool of service.pools.values()) retirePool(pool)
}

function listeners({ listener, previews }: Service): Listener[] {
  return [listener, ...previews.values()]
}

function weightsOf(pools: readonly Pool[]): string {
  return JSON.stringify(pools.map((one) => [one.binding, one.weight]))
}

function sameAddress(a: ListenAddress | undefined, b: ListenAddress | undefined): boolean {
  return a?.host === b?.host && a?.port === b?.port
}

function stateOf({ listener, pools, previews }: Service): ServiceState {
  const address = listener.address()
  const error = listener.error()
  return {
    listening: address !== undefined,
    ...(address === undefined ? {} : { address }),
    ...(error === undefined ? {} : { error }),
    pools: Object.fromEntries([...pools].map(([binding, pool]) => [binding, poolState(pool, previews.get(binding)?.address())])),
  }
}

function poolState(pool: Pool, preview: ListenAddress | undefined): PoolState {
  const now = Date.now()
  const targets = pool.targets.map((one) => [one.instance, { inFlight: one.inFlight, ejected: one.ejectedUntil > now }])
  return {
    ...(preview === undefined ? {} : { preview }),
    counters: pool.counters.read(now),
    targets: Object.fromEntries(targets),
  }
}
