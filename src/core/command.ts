import type { Weights } from './ports.ts'
import type { At, BindingId, GroupId, ProviderFacts, ReleaseId } from './snapshot.ts'

/** What the loop is told to do: absolute, so that doing it twice is doing it once. */
export type Command =
  | {
      readonly kind: 'hold'
      readonly group: GroupId
      readonly hold: 'claim' | 'scale-in'
      readonly min?: number
      readonly expiresAt: At
      readonly previousMin?: number
    }
  | { readonly kind: 'prepare'; readonly binding: BindingId }
  | {
      readonly kind: 'ensure-group'
      readonly group: GroupId
      readonly release: ReleaseId
      readonly like: GroupId
      readonly size: number
      readonly binding?: BindingId
    }
  | { readonly kind: 'join'; readonly binding: BindingId; readonly group: GroupId }
  | {
      readonly kind: 'resize'
      readonly group: GroupId
      readonly sizes: Readonly<Record<ReleaseId, number>>
      readonly version?: string
    }
  | { readonly kind: 'set-weights'; readonly expected: Weights; readonly wanted: Weights }
  | {
      readonly kind: 'leave'
      readonly binding: BindingId
      readonly group: GroupId
      readonly instances: readonly string[] | 'all'
    }
  | {
      readonly kind: 'remove'
      readonly group: GroupId
      readonly instances: readonly string[]
      readonly sizesAfter: Readonly<Record<ReleaseId, number>>
    }
  | { readonly kind: 'release-route'; readonly binding: BindingId }
  | { readonly kind: 'retire'; readonly group: GroupId }
  /** The cloud's own updater replaces what the group does not launch. */
  | {
      readonly kind: 'update'
      readonly group: GroupId
      readonly release: ReleaseId
      readonly maxSurge: number
      readonly maxUnavailable: number
      readonly soakMs: number
      /** @default - all */
      readonly upTo?: number
    }
  | { readonly kind: 'stop-update'; readonly group: GroupId }
  | {
      readonly kind: 'release'
      readonly group: GroupId
      readonly hold: 'claim' | 'scale-in'
      /** Whose mark it is. @default - this rollout's own */
      readonly owner?: string
    }

/** What a question is about. */
export interface Subject {
  readonly group: GroupId
  readonly binding?: BindingId
  readonly release: ReleaseId
  /** Where the generation, or the instance, can be reached. */
  readonly endpoint?: string
  /** What requests there must carry. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A question to a check, a metric source or a draining instance. It needs no intent: asking twice is harmless, its answer is an event. */
export type Measurement =
  /** The check or the metrics of a gate. */
  | {
      readonly kind: 'gate'
      readonly gate: string
      readonly waypoint: string
      readonly number: number
      readonly subjects: readonly Subject[]
    }
  /** Whether an instance has finished what it had under way; the key is the same each time. */
  | {
      readonly kind: 'drain'
      readonly instance: string
      readonly generation: string
      readonly key: string
      readonly subject: Subject
    }

/** Who carries a command out. */
export function portOf(command: Command): 'provider' | 'router' {
  switch (command.kind) {
    case 'prepare':
    case 'join':
    case 'leave':
    case 'set-weights':
    case 'release-route':
      return 'router'
    case 'hold':
    case 'release':
    case 'ensure-group':
    case 'resize':
    case 'remove':
    case 'retire':
    case 'update':
    case 'stop-update':
      return 'provider'
  }
}

/** What a command changes: two commands with one key are about the same thing. */
export function resourceOf(command: Command): string {
  switch (command.kind) {
    case 'set-weights':
      return 'weights'
    case 'prepare':
    case 'release-route':
      return `route ${command.binding}`
    case 'join':
    case 'leave':
      return `members ${command.binding} ${command.group}`
    case 'hold':
    case 'release':
      return `hold ${command.hold} ${command.group}`
    case 'ensure-group':
    case 'resize':
    case 'remove':
    case 'retire':
    case 'update':
    case 'stop-update':
      return `group ${command.group}`
  }
}

/** The sizes that a command asks for, by release; those of other releases of the group stay. */
export function sizesWritten(command: Command): Readonly<Record<ReleaseId, number>> {
  switch (command.kind) {
    case 'ensure-group':
      return { [command.release]: command.size }
    case 'resize':
      return command.sizes
    case 'remove':
      return command.sizesAfter
    default:
      return NO_SIZES
  }
}

const NO_SIZES: Readonly<Record<ReleaseId, number>> = Object.freeze({})

/** All that a command changes: a hold that says a minimum writes what goes by the group's size, too, and a mark may be part of the group. */
export function touchedBy(command: Command, { marksInGroup = false }: ProviderFacts): string[] {
  const resource = resourceOf(command)
  if (command.kind !== 'hold' && command.kind !== 'release') return [resource]
  const inGroup = marksInGroup || (command.kind === 'hold' && command.min !== undefined)
  return inGroup ? [resource, `group ${command.group}`] : [resource]
}

/** What the commands that remove a generation change. */
export function resourcesOf({ group, binding }: { readonly group: GroupId; readonly binding?: BindingId }): string[] {
  return binding === undefined ? [`group ${group}`] : [`group ${group}`, `route ${binding}`, `members ${binding} ${group}`]
}
