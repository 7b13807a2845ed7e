/** A refusal as AWS words it. */
export class Fault extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** A rule across several members was broken. */
export function validation(message: string): Fault {
  return new Fault('ValidationError', message)
}
