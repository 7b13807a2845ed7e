import type { Account } from '../account.ts'
import { Fault } from '../fault.ts'

type Json = Readonly<Record<string, unknown>>

/** Systems Manager's parameters, by the names of its operations; it speaks JSON. */
export const ssm: Readonly<Record<string, (account: Account, input: Json) => Json>> = {
  GetParameter(account, { Name: name }) {
    const value = account.parameters.get(String(name))
    if (value === undefined) throw new Fault('ParameterNotFound', '')
    return { Parameter: { Name: name, Type: 'String', Value: value, Version: 1 } }
  },
}
