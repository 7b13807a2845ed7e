import type { Accepted, TrafficRouter, Weights } from '../../../core/ports.ts'
import type {
  BindingId,
  GroupId,
  ProviderFacts,
  RouterFacts,
  RouterLook,
  RouteView,
  RoutedInstance,
} from '../../../core/snapshot.ts'
import { FleetBench, present } from './bench.ts'
import type { FleetContractOptions, RoutedSite } from './site.ts'

/** What a routed fleet can do. */
export interface RoutedFacts {
  readonly provider: ProviderFacts
  readonly router: RouterFacts
}

/** A fleet under test behind its router. */
export class RoutedBench extends FleetBench<RoutedSite> {
  readonly router: TrafficRouter
  readonly routing: RouterFacts
  /** The route of the fleet's group. */
  readonly binding: BindingId
  /** A name for a second route. */
  readonly second: BindingId

  readonly #send: FleetContractOptions<RoutedSite>['send']

  constructor(options: FleetContractOptions<RoutedSite>, site: RoutedSite, { provider, router }: RoutedFacts) {
    super(options, site, provider)
    this.#send = options.send
    this.router = site.router
    this.routing = router
    this.binding = site.binding
    this.second = this.candidate
  }

  /** Sends requests. @returns who answered each. */
  async send(count: number): Promise<readonly string[]> {
    return (await this.#send?.(this.site, count)) ?? []
  }

  override async settle(): Promise<void> {
    const ms = Math.max(this.facts.settleMs, this.routing.settleMs)
    if (ms > 0) await this.time.pass(ms)
  }

  routes(): Promise<RouterLook> {
    return this.time.settled(this.router.look(this.target, this.call()))
  }

  async findRoute(binding: BindingId): Promise<RouteView | undefined> {
    return (await this.routes()).routing.routes.find((route) => route.binding === binding)
  }

  async showRoute(binding: BindingId): Promise<RouteView> {
    return present(await this.findRoute(binding), `the route ${binding}`)
  }

  /** Weights as looks show them. */
  async weights(): Promise<Weights> {
    return Object.fromEntries((await this.routes()).routing.routes.map((route) => [route.binding, route.weight]))
  }

  /** How the router sees instances, in their order. */
  async seen(instances: readonly string[]): Promise<RoutedInstance['state'][]> {
    const { routing } = await this.routes()
    return instances.map((id) => routing.instances[id]?.state ?? 'out')
  }

  /** Waits until the router sees all of these instances in one of these states. */
  async seenAs(instances: readonly string[], ...states: readonly RoutedInstance['state'][]): Promise<void> {
    await this.until(`${instances.join(' ')} are ${states.join(' or ')}`, async () =>
      (await this.seen(instances)).every((state) => states.includes(state)),
    )
  }

  prepare(binding = this.second): Promise<Accepted> {
    return this.router.prepare(this.target, binding, this.call())
  }

  join(binding: BindingId, group: GroupId): Promise<Accepted> {
    return this.router.join(this.target, binding, group, this.call())
  }

  setWeights(expected: Weights, wanted: Weights, token?: string): Promise<Accepted> {
    return this.router.setWeights(this.target, expected, wanted, this.call(token))
  }

  leave(binding: BindingId, group: GroupId, instances: readonly string[] | 'all'): Promise<Accepted> {
    return this.router.leave(this.target, binding, group, instances, this.call())
  }

  releaseRoute(binding: BindingId): Promise<Accepted> {
    return this.router.release(this.target, binding, this.call())
  }
}
