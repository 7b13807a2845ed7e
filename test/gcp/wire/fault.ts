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
