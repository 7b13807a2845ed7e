import { SUBSCRIPTION, type Account, type Body, type SetRecord } from './account.ts'
import type { Begun, Conditions } from './begin.ts'
import { notFound } from './fault.ts'

/** A request as an operation sees it. */
export interface Asked {
  /** The parts of the path that its pattern names. */
  readonly at: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Body
  readonly conditions: Conditions
}

export interface Operation {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE'
  readonly path: RegExp
  /** The only version of the API that this operation is asked in. */
  readonly version: string
  /** What it answers: one thing, all items of a list of pages, or that it has begun something. */
  answer(account: Account, asked: Asked): Body | readonly Body[] | { readonly pages: readonly Body[] } | Begun
}

export const COMPUTE = '2026-04-01'

export function of(
  provider: string,
  path: string,
  version: string,
  method: Operation['method'],
  answer: Operation['answer'],
): Operation {
  const place = String.raw`/subscriptions/(?<subscription>[^/]+)(?:/resourceGroups/(?<group>[^/]+))?/providers/Microsoft\.${provider}`
  return { method, path: new RegExp(`^${place}${path}$`, 'i'), version, answer }
}

export function setAt(account: Account, { subscription, group = '', set = '' }: Asked['at']): SetRecord {
  const found = [...account.sets.values()].find((one) => one.name.toLowerCase() === set.toLowerCase())
  const isHere = subscription === SUBSCRIPTION && group.toLowerCase() === account.resourceGroup
  if (found === undefined || !isHere) throw notFound('Microsoft.Compute/virtualMachineScaleSets', set, group)
  return found
}
