import { planned, routeOfGroup, servingGroups, stableRelease, weightOf, type Found } from './adoption.ts'
import { refused, type Contact } from './contact.ts'
import { refuseForeign } from './foreign.ts'
import type { Fact } from './events.ts'
import { groupOf } from './landed.ts'
import type { PlannedGeneration, PublicPlan } from './plan.ts'
import type { FleetSnapshot, GroupView } from './snapshot.ts'

/** What a rollout whose journal is no more has left in the world. */
export interface LostRollout extends Found {
  readonly candidate: PlannedGeneration
}

/**
 * Finds both generations of a rollout by its marks: the claim stands on stable's group, and what the claim's owner
 * created beside it is the candidate. Without a claim, of two groups that serve the younger is.
 *
 * @throws RolloutError `adoption-refused` with the choices, when the marks do not say it.
 */
export function findLostRollout(contact: Contact): LostRollout {
  refuseForeign(contact)
  const { fleet, snapshot } = contact
  const { group, owner } = claimed(snapshot) ?? torn(contact) ?? {}
  if (group === undefined || owner === undefined)
    throw refused(fleet, 'no mark of a rollout on any of its groups', ['plan a rollout as usual'])
  return contact.placement.kind === 'in-place' ? withinGroup(contact, group) : besideGroup(contact, group, owner)
}

/**
 * Instances that are well and that their route has let go of: the lost rollout had chosen them, and nothing brings them
 * back. They go on to leave, and what its generation then lacks is launched anew.
 */
export function takenOut({ stable, candidate }: PublicPlan, snapshot: FleetSnapshot): Fact[] {
  const facts: Fact[] = []
  for (const { generation, group, release } of [stable, candidate]) {
    if (routeOfGroup(snapshot, group) === undefined) continue
    for (const { id, release: runs, state } of groupOf(snapshot, group)?.instances ?? []) {
      if (runs !== release.id || state !== 'healthy') continue
      const routed = snapshot.traffic?.routing.instances[id]?.state
      if (routed === 'out' || routed === 'draining') facts.push({ type: 'instance.leaving', instance: id, generation })
    }
  }
  return facts
}

interface Begun {
  readonly group: GroupView
  readonly owner: string
}

function claimed({ groups }: FleetSnapshot): Begun | undefined {
  for (const group of groups) for (const { kind, owner } of group.holds) if (kind === 'claim') return { group, owner }
  return undefined
}

/** Two groups serve and nobody claims them: a rollout that has ended, aborted or failed, from the older to the younger of them. */
function torn({ placement, snapshot }: Contact): Begun | undefined {
  const [group, younger] = servingGroups(placement, snapshot)
  return group === undefined || younger?.createdBy === undefined ? undefined : { group, owner: younger.createdBy }
}

/** In place the group launches the candidate's release, and stable is the other one, unless the fleet says which. */
function withinGroup({ fleet, placement, snapshot }: Contact, group: GroupView): LostRollout {
  const running = Object.keys(group.sizes).filter((release) => (group.sizes[release] ?? 0) > 0)
  const said = placement.kind === 'in-place' ? placement.stable : undefined
  const stable = said ?? only(running.filter((release) => release !== group.release))
  const candidate = only(running.filter((release) => release !== stable))
  if (stable === undefined || candidate === undefined)
    throw refused(fleet, `${group.id} runs ${running.join(', ') || 'nothing'}; which of them is stable is not to be seen`, [
      `say which is stable: { stable: '${group.release}' }`,
      'plan a rollout as usual',
    ])
  return lost(group, known(fleet, placement, snapshot, group, stable), [
    sized(known(fleet, placement, snapshot, group, candidate), group),
  ])
}

function besideGroup({ fleet, placement, snapshot }: Contact, group: GroupView, owner: string): LostRollout {
  const release = stableRelease(fleet, placement, group)
  const others = snapshot.groups.filter((one) => one !== group && one.createdBy !== undefined)
  const served = others.filter((one) => serves(snapshot, one, group))
  const candidate = served[0] ?? others.findLast((one) => one.createdBy === owner)
  if (candidate !== undefined && left(snapshot, group, release))
    throw refused(
      fleet,
      `${candidate.id} serving and ${group.id} on its way out: what ${owner} had left to do was to retire it`,
      retiring(placement, group, owner),
    )
  if (candidate !== undefined && left(snapshot, candidate, candidate.release))
    throw refused(
      fleet,
      `${candidate.id} on its way out: what ${owner} had left to do was to retire it`,
      retiring(placement, candidate, owner),
    )
  if (candidate === undefined)
    throw refused(fleet, `nothing that ${owner} created`, ['plan a rollout as usual', `with { takeOver: '${owner}' }`])
  if (served.length > 1)
    throw refused(fleet, `${served.map((one) => one.id).join(' and ')} with traffic beside ${group.id}`, [
      'take the traffic from all but one of them',
    ])
  const rest = others.filter((one) => one !== candidate)
  const all = [candidate, ...rest].map((one) => sized(known(fleet, placement, snapshot, one, one.release), one))
  return lost(group, known(fleet, placement, snapshot, group, release), all)
}

/** What retires a group of a rollout that is lost; a slot must be empty before anything is planned. */
function retiring({ kind }: Contact['placement'], group: GroupView, owner: string): string[] {
  const planning = `plan a rollout as usual, with { takeOver: '${owner}' }: ${group.id} is retired first`
  return [...(kind === 'slots' ? [] : [planning]), 'sweep, once the claim has run out']
}

function lost(group: GroupView, stable: PlannedGeneration, [candidate, ...leftovers]: PlannedGeneration[]): LostRollout {
  const there = group.sizes[stable.release.id] ?? 0
  const beside = candidate?.size ?? 0
  // Of two that share a route each carries its part; of two with routes of their own, the larger was meant to carry all.
  const shared = stable.binding === candidate?.binding
  return {
    stable,
    group,
    beside: [],
    leftovers,
    candidate: candidate as PlannedGeneration,
    demand: shared ? there + beside : Math.max(there, beside),
  }
}

/** A stable group without a route, or without instances, was being retired: it may be condemned in the journal that is lost (law 5a). */
function left(snapshot: FleetSnapshot, group: GroupView, release: string): boolean {
  if ((group.sizes[release] ?? 0) === 0) return true
  return snapshot.traffic !== undefined && routeOfGroup(snapshot, group.id) === undefined
}

/** Whether a group gets traffic of its own or has its part of stable's. */
function serves(snapshot: FleetSnapshot, one: GroupView, stable: GroupView): boolean {
  return snapshot.traffic === undefined ? one !== stable : weightOf(snapshot, one) > 0
}

function known(
  fleet: string,
  placement: Contact['placement'],
  snapshot: FleetSnapshot,
  group: GroupView,
  release: string,
): PlannedGeneration {
  const found = planned(placement, snapshot, group, release)
  if (found !== undefined) return found
  throw refused(fleet, `release ${release} of ${group.id}, which its provider cannot describe`, ['mend the group'])
}

function sized(one: PlannedGeneration, group: GroupView): PlannedGeneration {
  return { ...one, size: group.sizes[one.release.id] ?? 0 }
}

function only<Item>(items: readonly Item[]): Item | undefined {
  return items.length === 1 ? items[0] : undefined
}
