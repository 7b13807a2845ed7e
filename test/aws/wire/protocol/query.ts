/** The input of an operation as AWS's query protocols send it: text at the leaves. */
export interface Input {
  readonly [name: string]: Value | undefined
}
export type Value = string | Input | readonly Value[]

/**
 * Reads a form such as `Filters.member.1.Name=tag:a&Filters.member.1.Values.member.1=b`. EC2 leaves `member` out.
 *
 * A list is what has numbers for names.
 */
export function parseQuery(form: URLSearchParams): Input {
  const root: Node = new Map()
  for (const [key, value] of form) {
    if (key === 'Action' || key === 'Version') continue
    const path = key.split('.').filter((name) => name !== 'member')
    let node = root
    for (const name of path.slice(0, -1)) {
      const next = node.get(name)
      if (next instanceof Map) node = next
      else node.set(name, (node = new Map()))
    }
    node.set(path.at(-1) ?? '', value)
  }
  return objectOf(root)
}

type Node = Map<string, Node | string>

function objectOf(node: Node): Input {
  return Object.fromEntries([...node].map(([name, one]) => [name, valueOf(one)]))
}

function valueOf(one: Node | string): Value {
  if (typeof one === 'string') return one
  const names = [...one.keys()]
  if (names.length === 0 || !names.every((name) => /^\d+$/.test(name))) return objectOf(one)
  return names.sort((a, b) => Number(a) - Number(b)).map((name) => valueOf(one.get(name)!))
}

/** A text of an input. */
export function text(input: Input, name: string): string | undefined {
  const value = input[name]
  return typeof value === 'string' ? value : undefined
}

/** A whole number of an input. */
export function whole(input: Input, name: string): number | undefined {
  const value = text(input, name)
  return value === undefined ? undefined : Number(value)
}

/** A truth value of an input. */
export function flag(input: Input, name: string): boolean | undefined {
  const value = text(input, name)
  return value === undefined ? undefined : value === 'true'
}

/** An object of an input. */
export function part(input: Input, name: string): Input | undefined {
  const value = input[name]
  return typeof value === 'object' && !Array.isArray(value) ? (value as Input) : undefined
}

/** A list of texts. */
export function texts(input: Input, name: string): string[] | undefined {
  const value = input[name]
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : undefined
}

/** A list of objects. */
export function parts(input: Input, name: string): Input[] | undefined {
  const value = input[name]
  return Array.isArray(value) ? value.filter((one): one is Input => typeof one === 'object' && !Array.isArray(one)) : undefined
}
