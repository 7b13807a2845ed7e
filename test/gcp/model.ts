import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Google's own description of the Compute API, in its package: every field with its type, and every method with its path. */
const FILE = 'build/protos/google/cloud/compute/v1/compute.proto'

interface Field {
  readonly type: string
  readonly isList: boolean
  readonly isMap: boolean
  /** The enum whose words a text may have. */
  readonly words: string | undefined
}
type Message = ReadonlyMap<string, Field>

/** A method of the API: what it is asked by, and what it answers. */
interface Rpc {
  readonly name: string
  readonly verb: string
  readonly path: RegExp
  readonly request: string
  /** The field of the request that is its body. @default - it has none */
  readonly body: string | undefined
  readonly response: string
}

interface Model {
  readonly messages: ReadonlyMap<string, Message>
  readonly enums: ReadonlyMap<string, ReadonlySet<string>>
  readonly rpcs: readonly Rpc[]
}

let known: Model | undefined

function model(): Model {
  return (known ??= parse(read()))
}

function read(): string {
  const home = dirname(createRequire(import.meta.url).resolve('@google-cloud/compute/package.json'))
  return readFileSync(join(home, FILE), 'utf8')
}

/** The fields of a message, by the names that they have in JSON. */
export function fieldsOf(message: string): string[] {
  return [...(model().messages.get(message)?.keys() ?? [])]
}

/** The words of an enum of a message, but for the one that says that there is none. */
export function enumOf(message: string, name: string): string[] {
  return [...wordsOf(message, name)].filter((word) => !word.startsWith('UNDEFINED_'))
}

/** What went over the wire, once. */
export interface Exchange {
  readonly verb: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** What was sent as JSON. @default - nothing */
  readonly body: unknown
  readonly answer: unknown
}

/** What Google's own command line sends and the description does not name. */
const EVERYWHERE = new Set(['alt', 'returnPartialSuccess'])

/** What is wrong with a request, and with its answer if it was answered well; each with its place. */
export function faultsOf({ verb, path, query, body, answer }: Exchange): string[] {
  const rpc = rpcAt(verb, path)
  if (rpc === undefined) return [`${verb} ${path}: the API has no such method`]
  const asked = Object.entries(query).flatMap(([name, value]) => {
    if (EVERYWHERE.has(name)) return []
    const field = model().messages.get(rpc.request)?.get(name)
    if (field === undefined) return [`${rpc.name}?${name}: unknown`]
    return /int/.test(field.type) && !/^\d+$/.test(value) ? [`${rpc.name}?${name}: no number, but ${value}`] : []
  })
  const bodyFaults = rpc.body === undefined ? emptyFaults(body, rpc) : messageFaults(bodyOf(rpc), body, `${rpc.name} {}`)
  return [...asked, ...bodyFaults, ...(answer === undefined ? [] : messageFaults(rpc.response, answer, rpc.name))]
}

const found = new Map<string, Rpc | undefined>()

/** Each path is looked for once, among two thousand. */
function rpcAt(verb: string, path: string): Rpc | undefined {
  const key = `${verb} ${path}`
  if (!found.has(key))
    found.set(
      key,
      model().rpcs.find((one) => one.verb === verb && one.path.test(path)),
    )
  return found.get(key)
}

function bodyOf({ request, body = '' }: Rpc): string {
  return model().messages.get(request)?.get(body)?.type ?? 'nothing'
}

/** Google's client sends an empty text where a POST has no body. */
function emptyFaults(body: unknown, { name }: Rpc): string[] {
  return body === undefined || body === '' ? [] : [`${name} {}: no body is asked for`]
}

function messageFaults(name: string, value: unknown, path: string): string[] {
  const message = model().messages.get(name)
  if (message === undefined) return [`${path}: there is no message ${name}`]
  if (!isTree(value) || Array.isArray(value)) return [`${path}: no object`]
  return Object.entries(value).flatMap(([key, one]) => {
    const field = message.get(key)
    // In a patch it takes away what is there.
    if (field !== undefined && one === null && /\.Patch \{\}/.test(path)) return []
    return field === undefined ? [`${path}.${key}: unknown`] : fieldFaults(name, field, one, `${path}.${key}`)
  })
}

function fieldFaults(message: string, field: Field, value: unknown, path: string): string[] {
  if (field.isList || field.isMap) {
    if (!isTree(value) || Array.isArray(value) !== field.isList) return [`${path}: no ${field.isList ? 'list' : 'map'}`]
    const single = { ...field, isList: false, isMap: false }
    return Object.entries(value).flatMap(([key, one]) => fieldFaults(message, single, one, `${path}[${key}]`))
  }
  const wrong = (what: string) => [`${path}: no ${what}, but ${JSON.stringify(value)}`]
  switch (field.type) {
    case 'string':
      if (typeof value !== 'string') return wrong('text')
      return field.words === undefined || wordsOf(message, field.words).has(value) ? [] : wrong(`word of ${field.words}`)
    case 'bool':
      return typeof value === 'boolean' ? [] : wrong('boolean')
    case 'int32':
    case 'uint32':
      return Number.isInteger(value) ? [] : wrong('whole number')
    case 'int64':
    case 'uint64':
      return typeof value === 'string' && /^-?\d+$/.test(value) ? [] : wrong('64-bit number as a text')
    case 'double':
    case 'float':
      return typeof value === 'number' ? [] : wrong('number')
    default: {
      const words = model().enums.get(`${message}.${field.type}`)
      if (words === undefined) return messageFaults(field.type, value, path)
      return typeof value === 'string' && words.has(value) ? [] : wrong(`word of ${field.type}`)
    }
  }
}

function wordsOf(message: string, name: string): ReadonlySet<string> {
  const { enums } = model()
  return enums.get(`${message}.${name}`) ?? enums.get(name) ?? new Set()
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

const FIELD = /^ {2}(?:(optional|repeated) )?(map<string, ([\w.]+)>|[\w.]+) (\w+) = \d+/
const RPC = /^ {2}rpc (\w+)\((\w+)\) returns \((\w+)\)/
const HTTP = /^ {6}(get|post|put|patch|delete): "([^"]+)"/

/** The file is laid out by a machine: its lines tell what they are by how they begin. */
function parse(text: string): Model {
  const messages = new Map<string, Map<string, Field>>()
  const enums = new Map<string, Set<string>>()
  const rpcs: Rpc[] = []
  let [scope, service, comment, listed] = ['', '', '', '']
  let rpc: RegExpExecArray | null = null
  let body: string | undefined
  for (const line of text.split('\n')) {
    const said = /^\s*\/\/ ?(.*)$/.exec(line)
    if (said !== null) {
      comment += `${said[1]}\n`
      continue
    }
    const begun = /^(message|service) (\w+) \{/.exec(line)
    if (begun?.[1] === 'message') messages.set((scope = begun[2]!), new Map())
    if (begun?.[1] === 'service') service = begun[2]!
    const word = /^ {2}enum (\w+) \{/.exec(line)
    if (word !== null)
      enums.set(
        (listed = `${scope}.${word[1]}`),
        new Set(comment.split('directly due to technical reasons:')[1]?.match(/\b[A-Z][A-Z0-9_]+\b/g)),
      )
    const value = /^ {4}([A-Z]\w*) = \d+;/.exec(line)
    if (value !== null) enums.get(listed)?.add(value[1]!)
    const field = FIELD.exec(line)
    if (field !== null) messages.get(scope)?.set(camel(field[4]!), fieldOf(field, comment))
    if (RPC.test(line)) [rpc, body] = [RPC.exec(line), undefined]
    body = /^ {6}body: "(\w+)"/.exec(line)?.[1] ?? body
    const http = HTTP.exec(line)
    if (http !== null && rpc !== null)
      rpcs.push({ ...rpcOf(service, rpc, http), body: body === undefined ? undefined : camel(body) })
    comment = ''
  }
  return { messages, enums, rpcs }
}

function fieldOf([, label, type = '', item]: RegExpExecArray, comment: string): Field {
  const words = /Check the (\w+) enum/.exec(comment)?.[1]
  return { type: item ?? type, isList: label === 'repeated', isMap: item !== undefined, words }
}

function rpcOf(
  service: string,
  [, name, request = '', response = '']: RegExpExecArray,
  [, verb = '', path = '']: RegExpExecArray,
): Omit<Rpc, 'body'> {
  const pattern = path.replaceAll(/\{[^}]+\}/g, '[^/]+')
  return { name: `${service}.${name}`, verb: verb.toUpperCase(), path: new RegExp(`^${pattern}$`), request, response }
}

function camel(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase())
}
