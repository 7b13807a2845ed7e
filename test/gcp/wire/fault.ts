/** A refusal as the Compute API words it. */
export class Fault extends Error {
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string, message: string) {
    super(message)
    this.status = status
    this.reason = reason
  }

  /** Its body: the status twice, and the reason in the list alone. */
  get body(): object {
    const { status, reason, message } = this
    return { error: { code: status, message, errors: [{ message, domain: 'global', reason }] } }
  }
}

/** What is not there, in Google's words. */
export function notFound(path: string): Fault {
  return new Fault(404, 'notFound', `The resource '${path}' was not found`)
}

/** What was written over something else than what is there. */
export function stale(): Fault {
  return new Fault(412, 'conditionNotMet', 'Invalid fingerprint.')
}

/** What is there already, in Google's words. */
export function alreadyThere(path: string): Fault {
  return new Fault(409, 'alreadyExists', `The resource '${path}' already exists`)
}

/** What something else still names, in Google's words. */
export function inUse(path: string, by: string): Fault {
  const message = `The resource '${path}' is already being used by '${by}'`
  return new Fault(400, 'resourceInUseByAnotherResource', message)
}
