import type { Account, MemberRecord, Reference, SetRecord } from './account.ts'

/** Launches what a set is missing; what cannot be launched is a member too, and Failed. */
export function converge(account: Account, set: SetRecord): void {
  while (set.members.length < set.model.sku.capacity) set.members.push(launch(account, set))
}

function launch({ world, marketplace }: Account, set: SetRecord): MemberRecord {
  const number = set.members.length
  const zone = world.zones[number % world.zones.length] ?? 'a'
  const reference = referenceOf(set)
  const image = explicit(reference, marketplace.get(marketplaceKey(reference))?.versions.at(-1))
  const order = { owner: set.name, image: worldImage(image), release: worldImage(image), zone, onChange: () => undefined }
  const machine = world.machines.launch(order)
  const common = { image, size: set.model.sku.name, zone, launchedAt: world.now, edit: set.edits }
  // Numbers have gaps: overprovisioning has taken some away again.
  const id = set.mode === 'Uniform' ? String(number * 2 + 1) : `${set.name}_${(number + 0xabc0000).toString(16)}`
  if (!('refused' in machine)) return { ...common, id, machine, failure: undefined }
  const code = machine.refused === 'capacity' ? 'AllocationFailed' : 'ImageNotFound'
  return { ...common, id, machine: undefined, failure: { code, message: machine.message, at: world.now } }
}

/** The image that a set's model names. */
function referenceOf(set: SetRecord): Reference {
  const { virtualMachineProfile: profile } = set.model.properties as {
    virtualMachineProfile: { storageProfile: { imageReference: Reference } }
  }
  return profile.storageProfile.imageReference
}

/** An instance shows which version it was made from, also where the model says `latest`. */
function explicit(reference: Reference, newest = ''): Reference {
  return reference.version === 'latest' ? { ...reference, version: newest, exactVersion: newest } : reference
}

/** What the world knows an image by. */
function worldImage(reference: Reference): string {
  return (reference.id ?? `${marketplaceKey(reference)}/${reference.version}`).toLowerCase()
}

function marketplaceKey({ publisher = '', offer = '', sku = '' }: Reference): string {
  return `${publisher}/${offer}/${sku}`.toLowerCase()
}
