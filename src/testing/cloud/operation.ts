/** A change that a call asks for. */
export interface Operation {
  readonly name: string
  /** What it is about, for people. */
  readonly about: string
  /** Whether it asks for more instances, a new group, weights, or the end of a group: some faults are about these alone. */
  readonly kind?: 'grow' | 'create' | 'weights' | 'delete'
  /** @throws RolloutError `call-failed` when the cloud refuses it as things are. */
  check(): void
  /** Carries it out. Done twice it is done once. */
  apply(): void
  /** Carries it out in part. @default - it has no parts */
  applyPart?(): void
  /** Taken before it is applied: what undoes it later, as an overzealous policy would, if it still is as it was written. @default - nothing would */
  undo?(): () => boolean
}
