import type { Account, Body, MemberRecord, SetRecord } from './account.ts'
import { begin, type Begun, type Conditions } from './begin.ts'
import { converge, staying } from './converge.ts'
import { Fault } from './fault.ts'
import { dismiss, end, leave } from './leaving.ts'
import { setBody } from './outputs.ts'
import { checkUpgradePolicy, upgradePolicyOf } from './upgrade-policy.ts'
import { afterWrite } from './upgrades.ts'

/** Makes a set, or writes an existing one whole. */
export function putSet(account: Account, name: string, body: Body, { ifMatch, ifNoneMatch }: Conditions): Begun {
  const there = account.sets.get(name)
  if (there !== undefined && ifNoneMatch === '*')
    throw new Fault(412, 'PreconditionFailed', `The scale set ${name} exists, which If-None-Match does not allow.`)
  if (there !== undefined) throw new Fault(501, 'NotImplemented', 'Nobody writes a set whole that is there.')
  if (ifMatch !== undefined) throw new Fault(412, 'PreconditionFailed', `The scale set ${name} does not exist.`)
  const { sku, properties, location: _location, ...more } = body
  const { orchestrationMode, ...settings } = properties as Body & { orchestrationMode?: SetRecord['mode'] }
  const model = { sku: sku as SetRecord['model']['sku'], properties: settings, more }
  const set = newSet(account, { name, mode: orchestrationMode ?? 'Uniform', model, provisioningState: 'Creating' })
  checkQuota(account, set, set.model.sku.capacity)
  account.sets.set(name, set)
  return { status: 201, ...written(account, set, 0) }
}

/** A set in which nothing is yet. */
export function newSet({ world }: Account, said: Pick<SetRecord, 'name' | 'mode' | 'model' | 'provisioningState'>): SetRecord {
  const fresh = { failure: undefined, members: [], upgrade: undefined, edits: 1, etag: 1, launched: 0 }
  return { ...said, createdAt: world.now, ...fresh }
}

/** Changes what is said, and leaves the rest; of tags all are said. */
export function patchSet(account: Account, set: SetRecord, changes: Body, { ifMatch }: Conditions): Begun {
  if (ifMatch !== undefined && ifMatch !== `"${set.etag}"`)
    throw new Fault(412, 'PreconditionFailed', `The condition '${ifMatch}' of the request is not met by '"${set.etag}"'.`)
  refuseBusy(set)
  const { sku = {}, properties = {}, ...more } = changes
  const { capacity = set.model.sku.capacity } = sku as { capacity?: number }
  checkQuota(account, set, capacity)
  const overlay = overlaid(set.model.properties, properties) as Body
  checkUpgradePolicy(set, overlay)
  const { mode } = upgradePolicyOf(set.model.properties)
  const size = set.model.sku.capacity
  const before = JSON.stringify([set.model.properties, set.model.more])
  // Whatever is written, a tag too, makes all that run of an earlier model; a size alone does not.
  if (JSON.stringify([overlay, { ...set.model.more, ...more }]) !== before) set.edits++
  set.model = {
    sku: { ...set.model.sku, ...(sku as object) },
    properties: overlay,
    more: { ...set.model.more, ...more },
  }
  set.provisioningState = 'Updating'
  set.etag++
  const answer = written(account, set, size)
  if (Object.keys(changes).some((key) => key !== 'sku')) afterWrite(account, set, mode)
  return { status: 200, ...answer }
}

/** Deletes instances by their ids; the set is smaller by as many, at once. */
export function deleteInstances(account: Account, set: SetRecord, ids: readonly string[]): Begun {
  const going = ids.map((id) => {
    const member = staying(set).find((one) => one.id === id)
    if (member !== undefined) return member
    throw new Fault(
      400,
      'InvalidParameter',
      `The provided instanceId ${id} is not an active Virtual Machine Scale Set VM instanceId.`,
    )
  })
  for (const one of going) leave(account, one)
  set.model.sku.capacity -= going.length
  set.etag++
  const { operation } = begin(account, 'Microsoft.Compute', () => {
    end(account, set, going)
    return undefined
  })
  return { status: 202, operation }
}

/** Deletes a set with all that is in it. */
export function deleteSet(account: Account, set: SetRecord): Begun {
  set.provisioningState = 'Deleting'
  // Whatever is under way ends without a word of it.
  set.busy = undefined
  for (const one of set.members) leave(account, one)
  const { operation } = begin(account, 'Microsoft.Compute', () => {
    end(account, set, set.members)
    account.sets.delete(set.name)
    return undefined
  })
  return { status: 202, operation }
}

/**
 * Brings a set to the size that it is to have. An operation that launches ends with what became of its instances. Of those beyond the size,
 * which an upgrade has left, some go only when it shrinks.
 */
export function scaled(account: Account, set: SetRecord, sizeBefore: number): () => Body | undefined {
  const { capacity } = set.model.sku
  const surplus = capacity < sizeBefore ? staying(set).slice(capacity) : []
  for (const one of surplus) leave(account, one)
  const made = converge(account, set)
  return () => {
    end(account, set, surplus)
    const details = made.flatMap(({ id, failure }) => (failure === undefined ? [] : [{ ...failure, target: id }]))
    if (details.length === 0) return undefined
    return {
      code: 'ResourceOperationFailure',
      message: 'The resource operation completed with terminal provisioning state Failed.',
      details,
    }
  }
}

function written(account: Account, set: SetRecord, sizeBefore: number): Pick<Begun, 'body' | 'operation'> {
  const finish = scaled(account, set, sizeBefore)
  const { id, operation } = begin(account, 'Microsoft.Compute', () => {
    const error = finish()
    if (set.busy !== id) return error
    set.busy = undefined
    set.provisioningState = error === undefined ? 'Succeeded' : 'Failed'
    return error
  })
  set.busy = id
  return { operation, body: setBody(account, set, null) }
}

/** Launches another member in the stead of one. */
export function replace(account: Account, set: SetRecord, member: MemberRecord): void {
  dismiss(account, set, [member])
  converge(account, set)
}

function refuseBusy(set: SetRecord): void {
  if (set.provisioningState === 'Deleting')
    throw new Fault(409, 'OperationNotAllowed', `Operation 'update' is not allowed on ${set.name}: it is marked for deletion.`)
  if (set.busy === undefined) return
  throw new Fault(409, 'Conflict', 'The request failed due to conflict with a concurrent request.')
}

/** In the words in which Azure refuses what goes beyond the cores that were approved. */
function checkQuota({ quota, sets, location }: Account, set: SetRecord, capacity: number): void {
  if (quota === undefined) return
  const others = [...sets.values()].filter((one) => one !== set).reduce((sum, one) => sum + one.model.sku.capacity, 0)
  const before = set.members.length
  if (capacity <= before || others + capacity <= quota) return
  const said = `Operation could not be completed as it results in exceeding approved standardDSv5Family Cores quota. Additional details - Location: ${location}, Current Limit: ${quota * 2}, Current Usage: ${(others + before) * 2}, Additional Required: ${(capacity - before) * 2}.`
  throw new Fault(409, 'OperationNotAllowed', said)
}

function overlaid(base: unknown, changes: unknown): unknown {
  if (typeof changes !== 'object' || changes === null || Array.isArray(changes)) return changes
  const result: Record<string, unknown> = { ...(base as object) }
  for (const [key, change] of Object.entries(changes)) result[key] = overlaid(result[key], change)
  return result
}
