/** A refusal as Azure Resource Manager words it. */
export class Fault extends Error {
  readonly status: number
  readonly code: string
  readonly details: readonly { readonly code: string; readonly message: string }[]
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, more: Partial<Pick<Fault, 'details' | 'headers'>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.details = more.details ?? []
    this.headers = more.headers ?? {}
  }
}

/** What is answered for a resource that is not there. */
export function notFound(type: string, name: string, group: string): Fault {
  return new Fault(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  )
}
