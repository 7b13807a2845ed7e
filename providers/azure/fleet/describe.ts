import type { FleetTarget } from '../../../src/core/ports.ts'
import type { GroupView, ProviderLook, Release } from '../../../src/core/snapshot.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { readAutoscale, settingOf } from './autoscale.ts'
import { providerFacts } from './facts.ts'
import { holdsOf } from './holds.ts'
import { failureOfSet, failuresOf, type Failure } from './failures.ts'
import { instanceView } from './instance-view.ts'
import { readMembers } from './members.ts'
import { readOperations } from './operations.ts'
import { roomToPlan } from './quota.ts'
import { launchedRelease, releaseOfMember } from './releases.ts'
import { healthSourceOf, isFlexible, nameOf, type ScaleSet } from './set.ts'
import { setView, type SetParts } from './set-view.ts'
import { findSets, type FoundSets } from './sets.ts'
import { inForce, isAtWork, readUpgrade, reimagedBy, upgradeView } from './upgrades.ts'

/** One whole look at a fleet. */
export async function describe(group: ResourceGroup, target: FleetTarget, signal: AbortSignal): Promise<ProviderLook> {
  return await describeSets(group, target, await findSets(group, target, signal), signal)
}

/** The same of sets that were found just now. */
export async function describeSets(
  group: ResourceGroup,
  target: FleetTarget,
  { id, sets }: FoundSets,
  signal: AbortSignal,
): Promise<ProviderLook> {
  const isSlot = target.placement.kind === 'slots'
  // All at once: the router of the fleet asks for the same instances at this moment.
  const settled = readAutoscale(group, signal)
  const [settings, handles, room, read] = await Promise.all([
    settled,
    readOperations(group, target.handles, signal),
    roomToPlan(group, target, sets, signal),
    Promise.all(sets.map((set) => look(group, { fleet: id, set, isSlot, settled }, signal))),
  ])
  const shown = isSlot ? read.filter((one) => !isVacant(one.view)) : read
  return {
    fleet: id,
    groups: shown.map((one) => one.view),
    releases: Object.fromEntries(shown.flatMap((one) => one.releases).map((one) => [one.id, one])),
    handles,
    facts: providerFacts(sets, { autoscaled: sets.some((set) => settingOf(settings, set) !== undefined), room }),
  }
}

interface Looked extends Pick<SetParts, 'fleet' | 'set' | 'isSlot'> {
  readonly settled: ReturnType<typeof readAutoscale>
}

interface Seen {
  readonly view: GroupView
  readonly releases: readonly Release[]
}

/** One set with its instances. Nothing of Azure's tells them apart by a mark: an upgrade may always be somebody else's. */
async function look(group: ResourceGroup, { fleet, set, isSlot, settled }: Looked, signal: AbortSignal): Promise<Seen> {
  const [settings, launched, members, upgrade, ofSet] = await Promise.all([
    settled,
    launchedRelease(group, set, signal),
    readMembers(group, set, signal),
    readUpgrade(group, set, signal),
    readFailure(group, set, signal),
  ])
  const watched = healthSourceOf(set) !== undefined
  const unique = set.uniqueId ?? nameOf(set)
  const failed = [...ofSet, ...failuresOf(members), ...group.repairs.see(unique, members)]
  const launches = members.map((member) => ({ member, release: releaseOfMember(set, member, launched) }))
  const reimaged = reimagedBy(
    set,
    launches.filter((one) => one.release.id === launched.id).map((one) => one.member),
  )
  const shown = ({ member, release }: (typeof launches)[number]) => {
    const view = instanceView(member, release.id, watched)
    return reimaged.includes(member.name) ? { ...view, ...REIMAGED } : view
  }
  const view = setView({
    fleet,
    set,
    isSlot,
    holds: inForce(holdsOf(fleet, set.tags), isAtWork(set, upgrade), group.now()),
    autoscale: settingOf(settings, set),
    release: launched.id,
    instances: launches.map(shown),
    failures: group.failures.count(unique, failed),
    update: upgrade === undefined ? undefined : upgradeView({ set, launched, reimaged }, upgrade),
  })
  return { view, releases: [launched, ...launches.map((one) => one.release)] }
}

/** A machine with a new disk may be well, and was not launched from what it runs: nobody relies on it. */
const REIMAGED = { state: 'unknown', reason: 'a rolling upgrade re-imaged it' } as const

/** Why a set is Failed, which may be before it has any instance; Azure does not say it of a Flexible one. */
async function readFailure({ caller, name }: ResourceGroup, set: ScaleSet, signal: AbortSignal): Promise<readonly Failure[]> {
  if (set.provisioningState !== 'Failed' || isFlexible(set)) return []
  const view = await caller.call({ name: 'virtualMachineScaleSets.getInstanceView', signal }, (client, options) =>
    client.virtualMachineScaleSets.getInstanceView(name, nameOf(set), options),
  )
  return failureOfSet(view.statuses ?? [])
}

/** Whether a slot holds nothing. */
function isVacant({ instances, sizes, holds, createdBy }: GroupView): boolean {
  const isMarked = createdBy !== undefined || holds.length > 0
  return !isMarked && instances.length === 0 && Object.values(sizes).every((size) => size === 0)
}
