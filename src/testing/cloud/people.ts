import { callFailed } from '../../core/errors.ts'
import { imageRef } from '../../core/image.ts'
import type { Weights } from '../../core/ports.ts'
import { retireGroup, writeSizes } from './fleet-operations.ts'
import { setSizes, written } from './instances.ts'
import { knowRelease, releaseOf, setUpFleet } from './groups.ts'
import type { FleetSetUp } from './options.ts'
import type { GroupRecord } from './records.ts'
import { joinRoute, writeWeights } from './route-operations.ts'
import { SCHEME, type Site } from './site.ts'
import { beginUpdate } from './updater.ts'

/** What people do to a cloud behind a rollout's back. Each takes effect at once. */
export interface People {
  /** Makes another fleet. */
  createFleet(fleet: FleetSetUp): void
  /** Sets a group's size, of its launch release. */
  resize(group: string, size: number): void
  /** Sets a group's own minimum; while it is held, the one to go back to. */
  setMin(group: string, min: number): void
  /** Sets a fleet's weights; routes that are not named get 0. */
  setWeights(fleet: string, weights: Weights): void
  /** Joins a group to the first route of its fleet, if there is one. */
  join(group: string): void
  /** Has a group launch another image from now on, and the cloud's own updater replace its instances by it, one at a time. */
  update(group: string, image: string): void
  /** Deletes a group with its instances. An absent one is no error. */
  deleteGroup(group: string): void
}

/** The people of a simulated cloud. */
export function createPeople(site: Site): People {
  const edit = (what: string, fault: number, change: () => void) =>
    site.world.because({ kind: 'person', name: what, fault }, () => {
      site.faults.count(fault)
      change()
    })
  return {
    createFleet: (fleet) => site.world.because({ kind: 'set-up', name: '' }, () => setUpFleet(site, fleet)),
    resize: (id, size) =>
      edit(`resizes ${id}`, 15, () => {
        const group = groupNamed(site, id)
        writeSizes(site, group, { [group.release]: size })
      }),
    setMin: (id, min) => edit(`sets the minimum of ${id}`, 15, () => setOwnMin(groupNamed(site, id), min)),
    setWeights: (id, weights) =>
      edit(`sets weights of ${id}`, 15, () => {
        const fleet = site.fleets.get(id)
        if (fleet === undefined) throw callFailed('not-found', 'setWeights', `There is no fleet ${id}.`)
        writeWeights(site, fleet, weights)
      }),
    join: (id) =>
      edit(`joins ${id}`, 15, () => {
        const { fleet } = groupNamed(site, id)
        const [route] = fleet.routes.values()
        if (route !== undefined) joinRoute(site, fleet, route, id)
      }),
    update: (id, image) =>
      edit(`updates ${id} to ${image}`, 15, () => {
        const group = groupNamed(site, id)
        const release = releaseOf(imageRef({ scheme: SCHEME, id: image }), {})
        knowRelease(group.fleet, release)
        group.release = release.id
        setSizes(site, group, group.sizes)
        beginUpdate(site, group, { release: release.id, maxSurge: 1, maxUnavailable: 0, soakMs: 0 })
      }),
    deleteGroup: (id) =>
      edit(`deletes ${id}`, 16, () => {
        const group = site.groups.get(id)
        group?.fleet.slots.delete(id)
        if (group !== undefined) retireGroup(site, group)
      }),
  }
}

function setOwnMin(group: GroupRecord, min: number): void {
  group.ownMin = min
  const held = group.holds.some((one) => one.previousMin !== undefined)
  if (held)
    group.holds = group.holds.map((one) => (one.previousMin === undefined ? one : Object.freeze({ ...one, previousMin: min })))
  else group.min = min
  written(group)
}

function groupNamed(site: Site, id: string): GroupRecord {
  const group = site.groups.get(id)
  if (group !== undefined) return group
  throw callFailed('not-found', 'people', `There is no group ${id}; there are: ${[...site.groups.keys()].join(', ') || 'none'}.`)
}
