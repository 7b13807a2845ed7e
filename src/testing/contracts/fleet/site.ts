import type { ImageAlias } from '../../../core/image.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { FleetProvider, TrafficRouter } from '../../../core/ports.ts'
import type { BindingId, GroupId } from '../../../core/snapshot.ts'
import type { ContractTime } from '../time.ts'

/** Images that a suite needs, in a form that the provider understands. */
export interface ContractImages {
  /** What the fleet runs; its instances become healthy. */
  readonly stable: string
  /** Another one, as good. */
  readonly other: string
  /** Well formed, and not there. */
  readonly missing: string
  /** A text that no scheme of the provider understands. */
  readonly malformed: string
  /** A mutable name, and the image that it stands for. @default - the provider has none */
  readonly alias?: { readonly name: ImageAlias; readonly image: string }
  /** Its instances run and never become healthy. @default - there is none */
  readonly unhealthy?: string
  /** Its instances end as they start. @default - there is none */
  readonly crashing?: string
}

/** A fleet as a test wants it: a group without marks, which is there when it is handed over. */
export interface FleetWanted {
  readonly size: number
  readonly min: number
  readonly max: number
  /** Whether the group is one of two slots, the other of which is empty: asked for only where the facts say that there can be slots. */
  readonly slots: boolean
}

/** A fleet of its own for one test. */
export interface FleetSite {
  readonly provider: FleetProvider
  /** Its group; groups with names that begin so are the test's too. */
  readonly group: GroupId
  /** The other slot, where it was asked for. @default - there is none */
  readonly spare?: GroupId
  /** A change of launch settings that does no harm and was never made before. */
  readonly launch: JsonObject
  /** @default - real time */
  readonly time?: ContractTime
  /** Removes what the test left behind. @default - nothing was left */
  dispose?(): void | Promise<void>
}

/** A fleet of its own behind a router. */
export interface RoutedSite extends FleetSite {
  readonly router: TrafficRouter
  /** The route of the fleet's group, which has all the traffic. */
  readonly binding: BindingId
  /** A router of the same kind whose resource is not there. */
  readonly nowhere: TrafficRouter
}

/** A fleet whose changes get no answer. */
export type LossySite<Site extends FleetSite = FleetSite> = Site & {
  /** From now on all is well. */
  recover(): void
}

/** What the suites for providers and routers are told. */
export interface FleetContractOptions<Site extends FleetSite = FleetSite> {
  readonly images: ContractImages
  /** Makes a fleet; called for every test, and once before them for what this fleet can do. */
  create(wanted: FleetWanted): Site | Promise<Site>
  /**
   * Makes a fleet whose changes get no answer until it recovers; they land whole, or in part: nothing for a cloud that makes nothing in
   * parts. @default - cannot be shown
   */
  createLossy?(
    wanted: FleetWanted,
    landing: 'whole' | 'in part',
  ): LossySite<Site> | undefined | Promise<LossySite<Site> | undefined>
  /** Sends requests to a fleet, one after the other, and says which instance answered each. @default - cannot be shown */
  send?(site: Site, count: number): Promise<readonly string[]>
  /** Longest time that is waited for instances to become what they shall, ms. @default 60000 */
  readonly patienceMs?: number
}
