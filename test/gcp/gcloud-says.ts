import type { GroupView, InstanceView, ProviderLook } from 'imago'
import { marksOf } from '../../providers/gcp/marks.ts'
import type { Json } from './wire/project.ts'

/** A group or an instance as gcloud prints it. */
export type Printed = Readonly<Record<string, never>>

/** What a look tells of a field that gcloud prints, in gcloud's terms. */
type Told<View> = (view: View, look: ProviderLook, printed: Printed) => unknown

/** What is made of a field of something that gcloud prints. */
type Reading = Readonly<Record<string, (value: never, printed: Printed) => unknown>>

/** What gcloud prints and no look tells, by why not. */
const UNTOLD: Readonly<Record<string, string>> = {
  kind: 'the same of all groups',
  id: 'whose group it is: told of the first one alone, by the id of the fleet',
  selfLink: 'where it is, which is the same for all of a provider',
  zone: 'the same',
  instanceGroup: 'the same',
  creationTimestamp: 'nothing rests on it',
  baseInstanceName: 'nothing rests on it, and clones have their own',
  instanceTemplate: 'what `versions` says',
  listManagedInstancesResults: 'how it is read',
  updatePolicy: 'what an updater may do is told while it does it, by `status`',
}

const templateOf = (url: unknown) => /projects\/.*$/.exec(String(url))?.[0]
const sizeOf = ({ sizes }: GroupView) => Object.values(sizes).reduce((sum, one) => sum + one, 0)
const count = ({ instances }: GroupView, state: InstanceView['state']) => instances.filter((one) => one.state === state).length

const bySaying = (one: unknown, other: unknown) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)

/** Fields of a group. */
const groupFields: Readonly<Record<string, Told<GroupView>>> = {
  name: ({ id }) => id,
  targetSize: sizeOf,
  size: ({ instances }) => String(instances.length),
  // One of two alphabets of Base64.
  fingerprint: ({ version = '' }) => version.replaceAll('+', '-').replaceAll('/', '_'),
  versions: ({ sizes }, { releases }) =>
    Object.entries(sizes)
      .map(([release, size]) => [releases[release]?.template, size])
      .toSorted(bySaying),
  autoscaled: (_group, { facts }) => (facts.autoscaled ? 'yes' : 'no'),
  autoscaler: ({ min, max }) => ({ min, max }),
  autoHealingPolicies: (_group, { facts }) => facts.health.length > 0,
  description: ({ createdBy, holds }) => ({ createdBy, holds: holds.map(({ kind, owner }) => [kind, owner]) }),
  currentActions: (group) => ({ starting: count(group, 'starting'), terminating: count(group, 'terminating') }),
  status: ({ instances, update }) => ({
    isStable: update?.state !== 'running' && instances.every((one) => one.state === 'healthy'),
    isReached: update?.state !== 'running',
  }),
}

interface Version {
  readonly instanceTemplate: string
  readonly targetSize?: { readonly calculated: number }
}

/** What gcloud prints of a field, as far as a look tells it. @default - all of it */
const printedOf: Reading = {
  fingerprint: (value: string) => value.replaceAll('+', '-').replaceAll('/', '_'),
  versions(value: readonly Version[], { targetSize }) {
    const asked = value.reduce((sum, one) => sum + (one.targetSize?.calculated ?? 0), 0)
    return value
      .map((one) => [templateOf(one.instanceTemplate), one.targetSize?.calculated ?? Number(targetSize) - asked])
      .toSorted(bySaying)
  },
  autoscaler: ({ autoscalingPolicy: { minNumReplicas: min, maxNumReplicas: max } }: { autoscalingPolicy: Json }) => ({
    min,
    max,
  }),
  autoHealingPolicies: (value: readonly Json[]) => value.length > 0,
  description(description: string) {
    const { rollout, holds = {} } = marksOf({ description })
    return { createdBy: rollout, holds: Object.entries(holds).map(([kind, { owner }]) => [kind, owner]) }
  },
  currentActions: (value: Readonly<Record<string, number>>) => ({
    starting: value['creating']! + value['creatingWithoutRetries']! + value['recreating']! + value['verifying']!,
    terminating: value['deleting']! + value['abandoning']!,
  }),
  status: ({ isStable, versionTarget: { isReached } }: { isStable: boolean; versionTarget: { isReached: boolean } }) => ({
    isStable,
    isReached,
  }),
}

const instanceFields: Readonly<Record<string, Told<InstanceView>>> = {
  name: ({ id }) => id.split('/')[0],
  id: ({ id }) => id.split('/')[1],
  instance: ({ id, zone }) => `zones/${zone ?? ''}/instances/${id.split('/')[0] ?? ''}`,
  version: ({ release }, { releases }) => releases[release]?.template,
  currentAction: ({ state, reason = '' }) => (state === 'healthy' ? 'NONE' : reason.split(', ')[0]),
  instanceStatus: ({ state, reason = '' }) => (state === 'healthy' ? 'RUNNING' : reason.split(', ')[1]),
  instanceHealth: ({ state, reason = '' }) => (state === 'healthy' ? 'HEALTHY' : reason.split(', ')[2]),
}

const printedOfInstance: Reading = {
  instance: (url: string) => /zones\/.*$/.exec(url)?.[0],
  version: ({ instanceTemplate }: Json) => templateOf(instanceTemplate),
  instanceHealth: ([first]: readonly Json[]) => first?.['detailedHealthState'],
}

/** Compares each field. @returns those that are told otherwise, or not at all. */
function differences<View>(
  what: string,
  printed: Printed,
  view: View | undefined,
  look: ProviderLook,
  fields: Readonly<Record<string, Told<View>>>,
  reading: Reading,
): string[] {
  if (view === undefined) return [`${what}: no look shows it`]
  const missing = Object.keys(fields).filter((one) => !(one in printed) && fields[one]!(view, look, printed) !== undefined)
  return [
    ...missing.filter((one) => !OPTIONAL.has(one)).map((one) => `${what}.${one}: gcloud does not print it`),
    ...Object.entries(printed).flatMap(([name, value]) => {
      const told = fields[name]
      if (told === undefined) return name in UNTOLD ? [] : [`${what}.${name}: nobody has said whether a look tells it`]
      const [said, shown] = [reading[name]?.(value, printed) ?? value, told(view, look, printed)].map((one) =>
        JSON.stringify(one),
      )
      return said === shown ? [] : [`${what}.${name}: gcloud prints ${said}, a look tells ${shown}`]
    }),
  ]
}

/** What only a list prints. */
const OPTIONAL = new Set(['size', 'autoscaled', 'autoscaler'])

/** Where a look tells otherwise of a group than gcloud prints. */
export function groupDifferences(printed: Printed, look: ProviderLook): string[] {
  const view = look.groups.find((one) => one.id === printed['name'])
  return differences(String(printed['name']), printed, view, look, groupFields, printedOf)
}

/** The same of an instance. */
export function instanceDifferences(printed: Printed, look: ProviderLook): string[] {
  const views = look.groups.flatMap((one) => one.instances)
  const view = views.find((one) => one.id.split('/')[0] === printed['name'])
  return differences(String(printed['name']), printed, view, look, instanceFields, printedOfInstance)
}
