import { marksOf } from '../../providers/gcp/marks.ts'
import type { GroupRecord, InstanceRecord, Project, ServiceRecord } from './wire/project.ts'

/** Something in a project that a rollout which is over must not leave. */
export interface Trace {
  /** What was made and not taken away again, or what was held and not let go. */
  readonly kind: 'made' | 'held'
  /** The group, backend service, template or URL map that it is on. */
  readonly on: string
  readonly what: string
}

/**
 * What imago writes beside the groups and routes that its looks show, and is to have undone when a rollout is over.
 *
 * @param ownMin the smallest size that each autoscaler's owner allows.
 */
export function tracesOf(project: Project, ownMin: number): Trace[] {
  return [
    ...[...project.groups.values()].flatMap((group) => heldOn(project, group, ownMin)),
    ...[...project.services.values()].flatMap((one) =>
      marksOn(one.name, one.description ?? '', saysWhoIsOut(project, one) ? ['leftAt'] : []),
    ),
    ...made(project),
  ]
}

/** Instances of a project that are not on their way out. */
export function stayingIn({ groups }: Project): InstanceRecord[] {
  return [...groups.values()].flatMap((group) => [...group.instances.values()]).filter((one) => one.action !== 'DELETING')
}

/** Marks that say more than whose it is. */
const PASSING = ['holds', 'partial', 'updates', 'retired', 'left', 'leftAt'] as const

function marksOn(name: string, description: string, stay: readonly string[] = []): Trace[] {
  const marks = marksOf({ description })
  const passing = PASSING.filter((one) => marks[one] !== undefined && !stay.includes(one))
  return passing.map((one) => ({ kind: 'held', on: name, what: `${name} says ${one} ${JSON.stringify(marks[one])}` }))
}

/** A group that a rollout made, or a slot that it emptied, may be smaller than its owner's minimum: then that is its size. */
function heldOn({ autoscalers }: Project, group: GroupRecord, ownMin: number): Trace[] {
  const { name, path, updateType, redistribution = 'PROACTIVE', targetSize, description = '', deleting = false } = group
  if (deleting) return []
  const least = Math.min(ownMin, targetSize)
  const scaler = [...autoscalers.values()].find((one) => one.target === path)
  const said = [
    ...(updateType === 'PROACTIVE' || keepsOthers(group) ? [] : [`is updated ${updateType}`]),
    ...(redistribution === 'PROACTIVE' ? [] : [`has its zones balanced ${redistribution}`]),
    ...(scaler === undefined || scaler.mode === 'ON' ? [] : [`has an autoscaler that is ${scaler.mode}`]),
    ...(scaler === undefined || scaler.min === least ? [] : [`has a minimum of ${scaler.min}, not ${least}`]),
  ]
  const marks = marksOn(name, description, keepsOthers(group) ? ['updates'] : [])
  return [...marks, ...said.map((what) => ({ kind: 'held', on: name, what: `${name} ${what}` }) as const)]
}

/** Whether a backend service notes when groups left that are out of it still: whoever lost his store left them so, and it is true. */
function saysWhoIsOut({ groups }: Project, { backends, description = '' }: ServiceRecord): boolean {
  const out = new Set([...groups.values()].filter((one) => !backends.has(one.path)).map((one) => one.name))
  return Object.keys(marksOf({ description }).leftAt ?? {}).every((name) => out.has(name))
}

/** Whether the group's own updater, at work again, would replace what a rollout left on purpose: then it stays as it is, and so does its mark. */
function keepsOthers({ instances, versions }: GroupRecord): boolean {
  const launched = versions.map((one) => one.template)
  return [...instances.values()].some((one) => one.action !== 'DELETING' && !launched.includes(one.template))
}

function made(project: Project): Trace[] {
  const groups = [...project.groups.values()]
  const launching = new Set(groups.flatMap((group) => group.versions.map((one) => one.template)))
  for (const { template } of stayingIn(project)) launching.add(template)
  const spare = [...project.templates.values()].filter((one) => isMarked(one) && !launching.has(one.path))
  const maps = JSON.stringify([...project.urlMaps.values()])
  const services = [...project.services.values()].filter(isMarked)
  const unnamed = services.filter((one) => project.urlMaps.size > 0 && !maps.includes(`/${one.path}"`))
  const empty = services.filter((one) => one.backends.size === 0)
  const scalers = [...project.autoscalers.values()].filter((one) => !project.groups.has(one.target))
  return [
    ...spare.map(({ name }) => [name, `nothing launches from the template ${name}`] as const),
    ...unnamed.map(({ name }) => [name, `no URL map names the backend service ${name}`] as const),
    ...empty.map(({ name }) => [name, `the backend service ${name} sends to nobody`] as const),
    ...scalers.map(({ name }) => [name, `the autoscaler ${name} scales nothing`] as const),
  ].map(([on, what]) => ({ kind: 'made', on, what }))
}

function isMarked({ description = '' }: { readonly description?: string }): boolean {
  return marksOf({ description }).fleet !== undefined
}
