import type { IamPolicy, IamStatement } from 'imago/aws'

/** What IAM is asked: an action on a resource, and what is known of both. */
export interface Question {
  readonly action: string
  /** Its ARN, or `*` where the action knows no resources. */
  readonly resource: string
  /** Values by the key that conditions name; a key that is not there is missing. */
  readonly context: Readonly<Record<string, string | readonly string[]>>
}

/** Whether a policy allows it; what no statement allows is denied. */
export function allows({ Statement: statements }: IamPolicy, question: Question): boolean {
  return statements.some((one) => matches(one, question))
}

function matches(
  { Action: actions, Resource: resources, Condition: conditions = {} }: IamStatement,
  question: Question,
): boolean {
  if (!actions.includes(question.action)) return false
  if (!resources.some((pattern) => like(pattern, question.resource))) return false
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, [wanted].flat(), question.context[key])),
  )
}

/** A missing key fails a condition, unless it is about all of the values that there are. */
function holds(operator: string, wanted: readonly string[], found: string | readonly string[] | undefined): boolean {
  const passes = (value: string) => wanted.some((one) => (operator.endsWith('StringLike') ? like(one, value) : one === value))
  switch (operator) {
    case 'StringEquals':
    case 'StringLike':
      return typeof found === 'string' && passes(found)
    case 'ForAllValues:StringLike':
      return [found ?? []].flat().every(passes)
    default:
      throw new TypeError(`no operator ${operator} is known here`)
  }
}

function like(pattern: string, value: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(value)
}
