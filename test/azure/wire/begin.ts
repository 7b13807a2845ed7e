import { SUBSCRIPTION, type Account, type Body } from './account.ts'

/** The conditions of a request. */
export interface Conditions {
  readonly ifMatch: string | undefined
  readonly ifNoneMatch: string | undefined
}

/** An answer to what takes long. */
export interface Begun {
  readonly status: 200 | 201 | 202
  readonly body?: Body
  /** Where to ask how it goes. */
  readonly operation: string
}

/** Begins something that takes long. @param end does what is left of it, and says why it failed, if it did. */
export function begin(
  account: Account,
  provider: 'Microsoft.Compute' | 'Microsoft.Network' | 'Microsoft.Cdn',
  end: () => Body | undefined,
): { readonly id: string; readonly operation: string } {
  const { world, operations, operationMs, location } = account
  const id = idOfNumber(operations.size + 1)
  const record = { status: 'InProgress' as const, startedAt: world.now }
  operations.set(id, record)
  world.schedule(world.now + operationMs, () => {
    const error = end()
    operations.set(id, {
      ...record,
      status: error === undefined ? 'Succeeded' : 'Failed',
      ...(error === undefined ? {} : { error }),
    })
  })
  const place = `/subscriptions/${SUBSCRIPTION}/providers/${provider}/locations/${location}/operations/${id}`
  return { id, operation: `${place}?api-version=2026-04-01` }
}

/** A GUID, the same in every run. */
function idOfNumber(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

/** How an operation goes, as Azure says it: with the status 200, also of one that failed. */
export function operationBody({ operations, world }: Account, id: string): Body | undefined {
  const { status, startedAt, error } = operations.get(id) ?? {}
  if (status === undefined) return undefined
  const times = {
    startTime: new Date(startedAt ?? 0).toISOString(),
    ...(status === 'InProgress' ? {} : { endTime: new Date(world.now).toISOString() }),
  }
  return { ...times, status, name: id, ...(error === undefined ? {} : { error }) }
}
