import type { Command, Measurement } from '../command.ts'
import type { At } from '../snapshot.ts'

/** What is waited for, until when, and what follows. For people and for programs that show progress. */
export interface Wait {
  readonly what: string
  readonly untilAt?: At
  readonly then?: string
}

/** Instances chosen to be taken out of service. */
export interface Victims {
  readonly generation: string
  readonly group: string
  readonly instances: readonly string[]
  /** Whether they were chosen before, and left, and are in their route again: nobody relies on them, whatever becomes of them. @default false */
  readonly returned?: true
}

/** What one pass over the look gives. Filled in the safe order: hold, grow, join, shift, drain, shrink, retire, release. */
export interface Orders {
  readonly commands: Command[]
  readonly victims: Victims[]
  /** Instances to go that were seen to have left their route. */
  readonly left: { readonly instance: string; readonly generation: string }[]
  readonly drained: { readonly instance: string; readonly generation: string; readonly clean: boolean }[]
  /** Generations seen to be gone, route and all. */
  readonly gone: string[]
  readonly questions: Measurement[]
  readonly waits: Wait[]
  /** Something needs a person: why, and what they can do. */
  needsPerson?: { readonly why: string; readonly next: string }
}

/** An empty pass. */
export function noOrders(): Orders {
  return { commands: [], victims: [], left: [], drained: [], gone: [], questions: [], waits: [] }
}
