import type { Account, GroupRecord, InstanceRecord } from './wire/account.ts'

/** Something on an account that a rollout which is over must not leave. */
export interface Trace {
  /** What was made and not taken away again, or what was held and not let go. */
  readonly kind: 'made' | 'held'
  /** The group, target group, listener or launch template that it is on. */
  readonly on: string
  readonly what: string
}

/**
 * What imago writes beside the groups and routes that its looks show, and is to have undone when a rollout is over.
 *
 * @param ownMin the smallest size that each group's owner allows.
 */
export function tracesOf(account: Account, ownMin: number): Trace[] {
  return [...[...account.groups.values()].flatMap((group) => held(account, group, ownMin)), ...made(account)]
}

/** Instances of an account that are not on their way out. */
export function stayingIn(account: Account): InstanceRecord[] {
  return [...account.instances.values()].filter((one) => !one.lifecycle.startsWith('Terminating'))
}

/** A group that a rollout made, or a slot that it emptied, may be smaller than its owner's minimum: then that is its size. */
function held(account: Account, group: GroupRecord, ownMin: number): Trace[] {
  const { name, tags, suspended, min, desired, guardsNew, deleting } = group
  if (deleting) return []
  const expected = Math.min(ownMin, desired)
  const guarded = stayingIn(account).filter((one) => one.group === name && one.protectedFromScaleIn)
  return [
    ...[...tags.keys()].filter((key) => /^imago:(claim|scale-in)/.test(key)).map((key) => `bears ${key}`),
    ...[...suspended].map((process) => `has ${process} suspended`),
    ...(min === expected ? [] : [`has a minimum of ${min}, not ${expected}`]),
    ...(guardsNew ? ['protects its instances as they start'] : []),
    ...guarded.map((one) => `protects ${one.id}`),
  ].map((what) => ({ kind: 'held', on: name, what: `${name} ${what}` }))
}

function made(account: Account): Trace[] {
  const [groups, templates] = [[...account.groups.values()], [...account.templates.values()]]
  const launching = new Set([...groups, ...stayingIn(account)].map((one) => one.template.id))
  const joined = new Set(groups.flatMap((one) => [...one.targetGroups]))
  const spare = templates.filter((one) => one.tags.has('imago:fleet') && !launching.has(one.id))
  const loose = [...account.targetGroups.values()].filter((one) => one.tags.has('imago:fleet') && !joined.has(one.arn))
  const notes = [...account.listeners].flatMap(([arn, tags]) => [...tags.keys()].map((key) => [arn, key] as const))
  return [
    ...spare.map(({ name }) => [name, `nothing launches from the launch template ${name}`] as const),
    ...loose.map(({ name }) => [name, `nothing registers with the target group ${name}`] as const),
    ...notes.map(([arn, key]) => [arn, `a listener bears ${key}`] as const),
  ].map(([on, what]) => ({ kind: 'made', on, what }))
}
