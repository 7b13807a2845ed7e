import type { ImageReference } from '@azure/arm-compute'

/** One status of an instance, as Azure words it. */
export interface Status {
  readonly code?: string
  readonly displayStatus?: string
  readonly message?: string
  readonly time?: Date
}

/** An instance of a scale set, of either mode. */
export interface Member {
  /** Azure's name of it and the beginning of what is given once: whoever is made anew under a name has another id. */
  readonly id: string
  /** Azure's name: instance 3 of the Uniform set `web` is `web_3`, one of a Flexible set an ordinary machine. */
  readonly name: string
  /** By what it is deleted: its number in a Uniform set, its name in a Flexible one. */
  readonly key: string
  /** Given once. */
  readonly unique: string
  readonly image: ImageReference
  readonly size: string | undefined
  readonly zone: string | undefined
  readonly provisioning: string | undefined
  /** Whether it was launched by what the set launches now. @default - Azure does not say */
  readonly latestModel?: boolean
  /** What the resource ids of its addresses begin with, in lower case, and where they are written: its network interfaces; in a Uniform set itself. */
  readonly interfaces: readonly string[]
  readonly createdAt: Date | undefined
  readonly statuses: readonly Status[]
  readonly agent: readonly Status[]
  readonly health: Status | undefined
}

/** The status of a kind, `PowerState`. */
export function statusOf(statuses: readonly Status[], kind: string): Status | undefined {
  return statuses.find((one) => one.code?.startsWith(`${kind}/`) === true)
}

/** The id of an instance: `web_3.1f2e3d4c`. */
export function memberId(name: string, unique: string): string {
  return [name, unique.slice(0, DIGITS)].join('.')
}

const DIGITS = 8
