import type { Machine } from 'imago/testing'
import type { Account, GroupRecord, InstanceRecord } from '../account.ts'
import { parts, text, type Input } from '../protocol/query.ts'
import { begin, finish } from './activities.ts'
import { membersOf } from './find.ts'
import { removeIfEmpty, terminate } from './terminate.ts'

/** From launched to in service: then it is registered with its target groups, whether it answers or not. */
const PENDING_MS = 10_000
/** Another one is launched so long after one was taken out of service. */
const NEXT_MS = 5_000
/** A refused launch is tried again after this. */
const RETRY_MS = 30_000

/** Launches what is missing and ends what is too much. */
export function converge(account: Account, group: GroupRecord): void {
  const members = membersOf(account, group)
  const staying = members.filter((one) => !one.lifecycle.startsWith('Terminating'))
  const wanted = group.deleting ? 0 : group.desired + beyondSize(group)
  if (staying.length < wanted && !group.suspended.has('Launch')) launchMissing(account, group, wanted - staying.length)
  else if (staying.length > wanted && !group.suspended.has('Terminate'))
    for (const one of victims(account, group, staying, staying.length - wanted))
      terminate(account, group, one, shrinkCause(account, group))
  removeIfEmpty(account, group)
}

/** What a refresh has launched, or is to launch, beyond the size. */
function beyondSize({ refreshes: [latest] }: GroupRecord): number {
  return latest?.extra ?? 0
}

/** What new instances are launched from: a refresh at work may know better than the group. */
function launchedFrom({ template, refreshes: [latest] }: GroupRecord): GroupRecord['template'] {
  return latest?.status === 'InProgress' ? (latest.desired ?? template) : template
}

/** Zones with the most instances lose some first, of those there what the group does not launch any more, and then the oldest; what is protected stays. */
function victims(
  { onlyFullest }: Account,
  { template }: GroupRecord,
  staying: readonly InstanceRecord[],
  count: number,
): InstanceRecord[] {
  const isCurrent = (one: InstanceRecord) => Number(one.template.id === template.id && one.template.version === template.version)
  const left = [...staying]
  const chosen: InstanceRecord[] = []
  while (chosen.length < count) {
    const load = (zone: string) => left.filter((one) => one.zone === zone).length
    const fullest = Math.max(...left.map((one) => load(one.zone)))
    const [next] = left
      .filter((one) => !one.protectedFromScaleIn && (!onlyFullest || load(one.zone) === fullest))
      .sort((a, b) => load(b.zone) - load(a.zone) || isCurrent(a) - isCurrent(b) || a.launchedAt - b.launchedAt)
    if (next === undefined) break
    chosen.push(next)
    left.splice(left.indexOf(next), 1)
  }
  return chosen
}

/** Into the emptiest zone, and where that has nothing to give into the next. */
function launchMissing(account: Account, group: GroupRecord, missing: number): void {
  for (let left = missing; left > 0; left--)
    if (!byLoad(account, group).some((zone) => launchIn(account, group, zone))) {
      account.world.schedule(account.world.now + RETRY_MS, () => converge(account, group))
      return
    }
}

/** @returns whether it was launched; where not, an activity says why. */
function launchIn(account: Account, group: GroupRecord, zone: string): boolean {
  const order = orderOf(account, group, zone)
  const launched = typeof order === 'string' ? order : (account.launchRefusal ?? start(account, order))
  if (typeof order !== 'string' && typeof launched !== 'string' && !('refused' in launched)) {
    admit(account, group, order, launched)
    return true
  }
  const refusal = typeof launched === 'string' ? launched : 'refused' in launched ? sentence(launched.refused, order) : ''
  const activity = begin(account, group, 'Launching a new EC2 instance.', growCause(account, group))
  finish(account, activity, 'Failed', `${refusal} Launching EC2 instance failed.`)
  return false
}

/** What is spoilt as it is launched has that as its cause, not its image. */
function start({ spoils, world }: Account, { launch }: Order): ReturnType<Account['world']['machines']['launch']> {
  if (!spoils()) return world.machines.launch(launch)
  return world.because({ kind: 'fault', name: launch.owner, fault: 9 }, () =>
    world.machines.launch({ ...launch, behaviour: { kind: 'never-healthy' } }),
  )
}

interface Order {
  readonly launch: Parameters<Account['world']['machines']['launch']>[0]
  readonly image: string
  readonly type: string
  readonly version: string
  readonly data: Input
}

/** What a launch asks for, or why there is nothing to ask for. */
function orderOf(account: Account, group: GroupRecord, zone: string): Order | string {
  const from = launchedFrom(group)
  const template = account.templates.get(from.id)
  const version = versionNumber(account, from)
  const data = template?.versions[version - 1]
  if (data === undefined)
    return 'You must use a valid fully-formed launch template. The specified launch template does not exist.'
  const image = text(data, 'ImageId') ?? ''
  const onChange = (machine: Machine) => noticeMachine(account, group, machine)
  const launch = { owner: group.name, id: account.newId('i'), image, release: image, zone, onChange }
  return { launch, image, type: text(data, 'InstanceType') ?? 't3.micro', version: String(version), data }
}

function admit(account: Account, group: GroupRecord, order: Order, machine: Machine): void {
  const { world } = account
  const { id } = machine
  const activity = begin(account, group, `Launching a new EC2 instance: ${id}`, growCause(account, group))
  const one: InstanceRecord = {
    id,
    group: group.name,
    image: order.image,
    type: order.type,
    zone: machine.zone,
    template: { id: launchedFrom(group).id, version: order.version },
    launchedAt: world.now,
    address: `10.0.${account.instances.size >> 8}.${account.instances.size & 255}`,
    tags: tagsFor(group, order.data),
    lifecycle: 'Pending',
    healthStatus: 'Healthy',
    protectedFromScaleIn: group.guardsNew,
  }
  account.instances.set(id, one)
  group.members.add(id)
  world.schedule(world.now + PENDING_MS, () => {
    if (one.lifecycle === 'Pending') {
      one.lifecycle = 'InService'
      world.record(`${id} is in service`)
    }
    finish(account, activity, 'Successful')
  })
}

/** Tags of the template and those that the group propagates; AWS adds the group's name. */
function tagsFor(group: GroupRecord, data: Input): Record<string, string> {
  const specified = (parts(data, 'TagSpecifications') ?? parts(data, 'TagSpecification') ?? [])
    .filter((one) => text(one, 'ResourceType') === 'instance')
    .flatMap((one) => parts(one, 'Tags') ?? parts(one, 'Tag') ?? [])
    .map((one) => [text(one, 'Key') ?? '', text(one, 'Value') ?? ''] as const)
  const propagated = [...group.tags].filter(([, one]) => one.propagate).map(([key, one]) => [key, one.value] as const)
  return { ...Object.fromEntries(specified), ...Object.fromEntries(propagated), 'aws:autoscaling:groupName': group.name }
}

/** A dead machine is replaced at once, one that does not answer when its grace is over. */
function noticeMachine(account: Account, group: GroupRecord, machine: Machine): void {
  const one = membersOf(account, group).find((member) => member.id === machine.id)
  if (one === undefined || one.lifecycle.startsWith('Terminating')) return
  if (machine.state === 'dead')
    return replace(account, group, one, 'an EC2 health check indicating it has been terminated or stopped')
  if (machine.state !== 'unhealthy' || !group.healthCheckType.includes('ELB')) return
  const { world } = account
  const dueAt = Math.max(world.now, one.launchedAt + group.gracePeriodS * 1_000)
  world.schedule(dueAt, () => {
    if (machine.state === 'unhealthy' && group.members.has(one.id))
      replace(account, group, one, 'an ELB system health check failure')
  })
}

function replace(account: Account, group: GroupRecord, one: InstanceRecord, why: string): void {
  const at = new Date(account.world.now).toISOString()
  terminate(account, group, one, `At ${at} an instance was taken out of service in response to ${why}.`)
  account.world.schedule(account.world.now + NEXT_MS, () => converge(account, group))
}

/** Zones of a group, those with the fewest instances first. */
function byLoad(account: Account, group: GroupRecord): string[] {
  const load = (zone: string) => membersOf(account, group).filter((one) => one.zone === zone).length
  return [...group.zones].sort((a, b) => load(a) - load(b))
}

/** The number that a version is now. */
export function versionNumber(account: Account, { id, version }: { id: string; version: string }): number {
  const template = account.templates.get(id)
  if (version === '$Latest') return template?.versions.length ?? 0
  return version === '$Default' ? (template?.defaultVersion ?? 0) : Number(version)
}

function sentence(refused: 'capacity' | 'image', order: Order | string): string {
  if (typeof order === 'string') return order
  if (refused === 'image') return `The AMI ID '${order.image}' does not exist.`
  return `We currently do not have sufficient ${order.type} capacity in the Availability Zone you requested (${order.launch.zone}).`
}

function growCause(account: Account, group: GroupRecord): string {
  return `At ${new Date(account.world.now).toISOString()} an instance was started in response to a difference between desired and actual capacity, increasing the capacity to ${group.desired}.`
}

function shrinkCause(account: Account, group: GroupRecord): string {
  return `At ${new Date(account.world.now).toISOString()} an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity to ${group.desired}.`
}
