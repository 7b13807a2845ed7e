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
  /** Unique in the resource group: instance 3 of `web` is `web_3`, as Azure names it too. */
  readonly id: string
  /** Given once: an instance that is made anew under its id has another. */
  readonly unique: string
  readonly image: ImageReference
  readonly size: string | undefined
  readonly zone: string | undefined
  readonly provisioning: string | undefined
  /** Whether it was launched by what the set launches now. @default - Azure does not say */
  readonly latestModel?: boolean
  readonly createdAt: Date | undefined
  readonly statuses: readonly Status[]
  readonly agent: readonly Status[]
  readonly health: Status | undefined
}

/** The status of a kind, `PowerState`. */
export function statusOf(statuses: readonly Status[], kind: string): Status | undefined {
  return statuses.find((one) => one.code?.startsWith(`${kind}/`) === true)
}
