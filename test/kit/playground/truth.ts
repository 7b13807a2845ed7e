import type { CloudOptions, TrueFleet, TrueGroup, TrueRoute, Truth, World } from 'imago/testing'
import type { Requests } from './requests.ts'

/** What an adapter calls what its cloud has no name for: learnt from its looks, and the same for ever. */
export interface Names {
  /** Id of the fleet that is rolled. */
  fleet: string
  /** Ids of releases, by image. */
  readonly releases: Map<string, string>
}

/** The name of the release of an image, once it has one. */
export function releaseOf({ releases }: Names, image: string): string {
  return releases.get(image) ?? image
}

/** Groups that are not as any other: those of no fleet that is rolled, and slots, which are nothing while they are empty. */
export interface Apart {
  readonly others: readonly string[]
  readonly slots: readonly string[]
}

/** Which groups of a run are apart. */
export function groupsApart({ fleets: [rolled, other] }: CloudOptions): Apart {
  const [first] = rolled?.groups ?? []
  return {
    others: (other?.groups ?? []).map((one) => one.id),
    slots: first === undefined || rolled?.spare === undefined ? [] : [first.id, rolled.spare],
  }
}

/** A cloud's books. */
export interface Books<Group> {
  readonly world: World
  groups(): Iterable<Group>
  nameOf(group: Group): string
  /** Whether a slot is nothing. */
  isVacant(group: Group): boolean
  /** A group in the simulation's words. */
  told(fleet: TrueFleet, group: Group): TrueGroup
  /** The routes of the fleet that is rolled. */
  routes(): ReadonlyMap<string, TrueRoute>
}

/** The truth about a cloud, in the simulation's words. */
export function readTruth<Group>(books: Books<Group>, names: Names, requests: Requests, { others, slots }: Apart): Truth {
  const isOther = (one: Group) => others.includes(books.nameOf(one))
  const fleetOf = (id: string, groups: readonly Group[], routes: TrueFleet['routes']): TrueFleet => {
    const found = new Map<string, TrueGroup>()
    const fleet: TrueFleet = { id, groups: found, routes, releases: {} }
    for (const group of groups) found.set(books.nameOf(group), books.told(fleet, group))
    return fleet
  }
  const fleetsNow = () => {
    const all = [...books.groups()].filter((one) => !slots.includes(books.nameOf(one)) || !books.isVacant(one))
    const own = all.filter((one) => !isOther(one))
    return [
      fleetOf(names.fleet, own, books.routes()),
      ...all.filter(isOther).map((one) => fleetOf(books.nameOf(one), [one], new Map())),
    ]
  }
  return {
    get version() {
      return books.world.version
    },
    get fleets() {
      return new Map(fleetsNow().map((fleet) => [fleet.id, fleet]))
    },
    get groups() {
      return new Map(fleetsNow().flatMap((fleet) => [...fleet.groups]))
    },
    severed: requests.severed,
    weights: (id) => {
      const routes = id === names.fleet ? [...books.routes().values()] : []
      return Object.fromEntries(routes.map((route) => [route.binding, route.inForce]))
    },
  }
}
