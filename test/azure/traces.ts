import { idOf, type Account, type BalancerRecord, type SetRecord } from './wire/account.ts'
import { addressId } from './wire/cards.ts'
import { cardName } from './wire/converge.ts'
import { upgradePolicyOf } from './wire/upgrade-policy.ts'

/** Something in a resource group that a rollout which is over must not leave. */
export interface Trace {
  /** What was made and not taken away again, or what was held and not let go. */
  readonly kind: 'made' | 'held'
  /** The scale set, autoscale setting, load balancer or network interface that it is on. */
  readonly on: string
  readonly what: string
}

/**
 * What imago writes beside the sets and routes that its looks show, and is to have undone when a rollout is over.
 *
 * @param ownMin the smallest size that each set's owner allows.
 */
export function tracesOf(account: Account, ownMin: number): Trace[] {
  const { sets, balancers } = account
  const held = [...sets.values()].filter((one) => one.provisioningState !== 'Deleting').flatMap((one) => heldOn(one))
  const minima = [...account.settings.keys()].flatMap((name) => boundOf(account, name, ownMin))
  return [...held, ...minima, ...[...balancers].flatMap(([name, one]) => leftIn(name, one)), ...looseCards(account)]
}

/** Tags that say more than whose a set is, and what it launched. */
const PASSING = /^imago:(?:claim|scale-in|retiring|repairs|default|upgrade)/

function heldOn({ name, model }: SetRecord): Trace[] {
  const { automaticRepairsPolicy: repairs } = model.properties as { automaticRepairsPolicy?: { readonly enabled: boolean } }
  const borne = Object.keys(model.more['tags'] ?? {}).filter((key) => PASSING.test(key))
  const { mode } = upgradePolicyOf(model.properties)
  const said = [
    ...borne.map((key) => `bears ${key}`),
    ...(repairs?.enabled === false ? ['repairs nothing any more'] : []),
    ...(mode === 'Manual' ? [] : [`is in ${mode} mode`]),
  ]
  return said.map((what) => ({ kind: 'held', on: name, what: `${name} ${what}` }))
}

/** A set that a rollout made, or a slot that it emptied, may be smaller than its owner's minimum: then that is its size. */
function boundOf(account: Account, setting: string, ownMin: number): Trace[] {
  const { targetResourceUri = '', profiles = [] } = (account.settings.get(setting)?.['properties'] ?? {}) as Setting
  const set = [...account.sets.values()].find((one) =>
    isSame(idOf(account, `virtualMachineScaleSets/${one.name}`), targetResourceUri),
  )
  if (set === undefined) return [{ kind: 'made', on: setting, what: `the autoscale setting ${setting} scales nothing` }]
  const least = String(Math.min(ownMin, set.model.sku.capacity))
  const minima = profiles.map((one) => one.capacity.minimum).filter((one) => one !== least)
  return minima.map((one) => ({ kind: 'held', on: set.name, what: `${setting} has a minimum of ${one}, not ${least}` }))
}

interface Setting {
  readonly targetResourceUri?: string
  readonly profiles?: readonly { readonly capacity: { readonly minimum: string } }[]
}

/** Pools that were made and have no traffic. Instances that nothing is sent to, looks show. */
function leftIn(name: string, { rules, tags }: BalancerRecord): Trace[] {
  const used = new Set(rules.values())
  const made = Object.keys(tags).flatMap((key) => (key.startsWith(ROUTE) ? [key.slice(ROUTE.length)] : []))
  const unused = made.filter((one) => !used.has(one))
  return unused.map((one) => ({ kind: 'made', on: name, what: `${name} has the pool ${one}` }))
}

const ROUTE = 'imago:route:'

/** Interfaces of machines that are gone. */
function looseCards({ sets, cards }: Account): Trace[] {
  const members = new Set([...sets.values()].flatMap((set) => set.members.map(({ id }) => cardName(set, id))))
  const loose = [...cards].filter(([name]) => !members.has(name))
  return loose.map(([name, card]) => ({ kind: 'made', on: name, what: `the interface ${addressId(card)}` }))
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
