import { callFailed } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import { groupsNamed } from '../../core/placement.ts'
import type { FleetTarget } from '../../core/ports.ts'
import type { Cause, Random, World } from '../world/index.ts'
import type { FaultPlan } from './faults.ts'
import type { CloudSettings } from './options.ts'
import type { FleetRecord, GroupRecord } from './records.ts'
import type { ShownKeeper } from './shown.ts'

/** The scheme of the world's images, and the kind of this provider and router. */
export const SCHEME = 'sim'

/** An instance was terminated with requests under way. */
export interface Severed {
  readonly at: number
  readonly group: string
  readonly instance: string
  /** The world's machine that it was. */
  readonly machine: string
  readonly cause: Cause
  /** Whether requests were sent to it until it was told to end. */
  readonly reached: boolean
}

/** What the parts of one cloud share. */
export interface Site {
  readonly world: World
  readonly settings: CloudSettings
  readonly faults: FaultPlan
  readonly shown: ShownKeeper
  /** Chance that is no fault: how long something takes. */
  readonly chance: Random
  readonly fleets: Map<string, FleetRecord>
  /** Every group of every fleet. */
  readonly groups: Map<string, GroupRecord>
  /** Launch settings that were launched from, by their digest. */
  readonly templates: Map<string, JsonObject>
  /** Instances that were terminated with requests under way. */
  readonly severed: Severed[]
}

/** The fleet of a target: by its id, or by the groups it was declared with, which may be gone. @throws RolloutError `call-failed` of class `not-found`. */
export function fleetOf(site: Site, target: FleetTarget, call: string): FleetRecord {
  const fleet = findFleet(site, target)
  if (fleet !== undefined) return fleet
  const known = [...site.groups.keys()].join(', ') || 'none'
  throw callFailed('not-found', call, `The fleet ${target.name} has no group here; there are: ${known}.`)
}

/** A fleet of a target, if it is there. */
export function findFleet(site: Site, target: FleetTarget): FleetRecord | undefined {
  return site.fleets.get(target.id ?? '') ?? declaredFleet(site, target)
}

/** A group of this fleet that is not being deleted. @throws RolloutError `call-failed` of class `not-found`. */
export function groupIn(fleet: FleetRecord, id: string, call: string): GroupRecord {
  const group = fleet.groups.get(id)
  if (group !== undefined && !group.retiring) return group
  throw callFailed('not-found', call, `There is no group ${id}; there are: ${[...fleet.groups.keys()].join(', ') || 'none'}.`)
}

/** A cause with the number of a fault. */
export function faultCause(fault: number, name = ''): Cause {
  return { kind: 'fault', name, fault }
}

/** The mark that a fleet bears: the scheme and its first group. */
export function fleetId(group: string): string {
  return `${SCHEME}/${group}`
}

function declaredFleet(site: Site, { placement }: FleetTarget): FleetRecord | undefined {
  for (const group of groupsNamed(placement)) {
    const fleet = fleetWith(site, group)
    if (fleet !== undefined) return fleet
  }
  return undefined
}

function fleetWith(site: Site, group: string): FleetRecord | undefined {
  return site.groups.get(group)?.fleet ?? site.fleets.get(fleetId(group))
}
