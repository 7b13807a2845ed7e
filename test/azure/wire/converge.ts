import type { Machine } from 'imago/testing'
import { idOf, networkId, type Account, type CardRecord, type MemberRecord, type Reference, type SetRecord } from './account.ts'
import { poolsOfAddress, type Connected } from './cards.ts'

/** Launches what a set is missing; what cannot be launched is a member too, and Failed. @param beyond instances that it is to have beside its size. */
export function converge(account: Account, set: SetRecord, beyond = 0): MemberRecord[] {
  const made = []
  while (staying(set).length < set.model.sku.capacity + beyond) {
    const member = launch(account, set)
    set.members.push(member)
    made.push(member)
  }
  return made
}

/** Has a member run another image, by default what its set launches: it is the same one, with a new disk. */
export function reimage(
  account: Account,
  set: SetRecord,
  member: MemberRecord,
  { image, edit }: Pick<MemberRecord, 'image' | 'edit'> = { image: launchedImage(account, set), edit: set.edits },
): MemberRecord {
  const { world } = account
  if (member.machine !== undefined) world.machines.end(member.machine.id, 'it was re-imaged')
  const zone = world.zones[Number(member.zone) - 1] ?? ''
  const machine = start(account, {
    owner: set.name,
    image: worldImage(image),
    release: worldImage(image),
    zone,
    onChange: () => undefined,
  })
  const again = { ...member, image, edit, machine: 'refused' in machine ? undefined : machine }
  set.members = set.members.map((one) => (one === member ? again : one))
  return again
}

/** Instances that are not on their way out. */
export function staying(set: SetRecord): MemberRecord[] {
  return set.members.filter((one) => !one.isLeaving)
}

function launch(account: Account, set: SetRecord): MemberRecord {
  const { world } = account
  const number = set.launched++
  const zones = set.model.more['zones'] as readonly string[] | undefined
  const zone = zones?.[number % zones.length] ?? ''
  const image = launchedImage(account, set)
  const place = world.zones[Number(zone) - 1] ?? ''
  const order = { owner: set.name, image: worldImage(image), release: worldImage(image), zone: place, onChange: () => undefined }
  const machine = start(account, order)
  const common = { image, size: set.model.sku.name, zone, launchedAt: world.now, edit: set.edits, vmId: vmId(++account.machines) }
  // Numbers have gaps: overprovisioning has taken some away again.
  const id = set.mode === 'Uniform' ? String(number * 2 + 1) : `${set.name}_${(number + 0xabc0000).toString(16)}`
  account.cards.set(cardName(set, id), cardOf(account, set, id))
  if (!('refused' in machine)) return { ...common, id, isLeaving: false, machine, failure: undefined }
  const code = machine.refused === 'capacity' ? 'AllocationFailed' : 'ImageNotFound'
  return { ...common, id, isLeaving: false, machine: undefined, failure: { code, message: machine.message, at: world.now } }
}

/** What is spoilt as it is launched has that as its cause, not its image. */
function start({ world, spoils }: Account, order: LaunchOrder): Machine | Refusal {
  if (!spoils()) return world.machines.launch(order)
  return world.because({ kind: 'fault', name: order.owner, fault: 9 }, () =>
    world.machines.launch({ ...order, behaviour: { kind: 'never-healthy' } }),
  )
}

type LaunchOrder = Parameters<Account['world']['machines']['launch']>[0]
type Refusal = Exclude<ReturnType<Account['world']['machines']['launch']>, Machine>

/** What the network interface of an instance is known by here. */
export function cardName(set: SetRecord, id: string): string {
  return set.mode === 'Flexible' ? `${id}-nic` : `${set.name}_${id}-nic`
}

function cardOf(account: Account, set: SetRecord, id: string): CardRecord {
  const instance = `virtualMachineScaleSets/${set.name}/virtualMachines/${id}`
  const name = set.mode === 'Flexible' ? cardName(set, id) : 'nic'
  const place = set.mode === 'Flexible' ? networkId(account, 'networkInterfaces') : idOf(account, `${instance}/networkInterfaces`)
  return { name, id: `${place}/${name}`, pools: poolsOf(set), etag: 1, busyUntil: 0 }
}

/** A GUID of its own for each machine. */
function vmId(number: number): string {
  return `${Math.imul(number, 0x9e3779b1).toString(16).replace('-', '').padStart(8, '0').slice(-8)}-0000-4000-8000-000000000000`
}

/** Pools that machines join as they start. */
export function poolsOf(set: SetRecord): string[] {
  const { virtualMachineProfile: profile } = set.model.properties as { virtualMachineProfile: Profile }
  const addresses = (profile.networkProfile?.networkInterfaceConfigurations ?? []).flatMap(
    (one) => one.properties.ipConfigurations,
  )
  return addresses.flatMap((one) => poolsOfAddress(one.properties))
}

interface Profile {
  readonly networkProfile?: {
    readonly networkInterfaceConfigurations?: readonly {
      readonly properties: {
        readonly ipConfigurations: readonly { readonly properties: Connected }[]
      }
    }[]
  }
}

/** The image that a set's model names. */
export function imageOf(set: SetRecord): Reference {
  const { virtualMachineProfile: profile } = set.model.properties as {
    virtualMachineProfile: { storageProfile: { imageReference: Reference } }
  }
  return profile.storageProfile.imageReference
}

function launchedImage({ marketplace }: Account, set: SetRecord): Reference {
  const reference = imageOf(set)
  return explicit(reference, marketplace.get(marketplaceKey(reference))?.versions.at(-1))
}

/** An instance shows which version it was made from, also where the model says `latest`. */
function explicit(reference: Reference, newest = ''): Reference {
  return reference.version === 'latest' ? { ...reference, version: newest, exactVersion: newest } : reference
}

/** What the world knows an image by. */
export function worldImage(reference: Reference): string {
  return (reference.id ?? `${marketplaceKey(reference)}/${reference.version}`).toLowerCase()
}

function marketplaceKey({ publisher = '', offer = '', sku = '' }: Reference): string {
  return `${publisher}/${offer}/${sku}`.toLowerCase()
}
