import { callFailed } from '../../core/errors.ts'
import type { FleetTarget } from '../../core/ports.ts'
import type { Cause, Random, World } from '../world/index.ts'
import type { FaultPlan } from './faults.ts'
import type { CloudSettings } from './options.ts'
import type { FleetRecord, GroupRecord } from './records.ts'
import type { ShownKeeper } from './shown.ts'

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
}

/** The fleet of a target: by its id, or by the groups it is declared with. @throws RolloutError `call-failed` of class `not-found`. */
export function fleetOf(site: Site, target: FleetTarget, call: string): FleetRecord {
  const fleet = target.id === undefined ? firstOf(site, target) : site.fleets.get(target.id)
  if (fleet !== undefined && fleet.groups.size > 0) return fleet
  const known = [...site.groups.keys()].join(', ') || 'none'
  throw callFailed('not-found', call, `The fleet ${target.name} has no group here; there are: ${known}.`)
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

function firstOf(site: Site, { placement }: FleetTarget): FleetRecord | undefined {
  switch (placement.kind) {
    case 'clone':
      return site.groups.get(placement.adopt)?.fleet
    case 'slots':
      return (site.groups.get(placement.a) ?? site.groups.get(placement.b))?.fleet
    case 'in-place':
      return site.groups.get(placement.group)?.fleet
  }
}
