import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../tools/subpaths.ts'

/** AWS's own descriptions of its services, where they are. */
const FOLDER = join(root, '../shared/api-models/aws')

/** Why nothing is checked against AWS's descriptions here; `undefined` when it is. */
export const unchecked = existsSync(FOLDER) ? undefined : `AWS's service models are not there: ${FOLDER}`

type Shape =
  | { readonly type: 'structure'; readonly members: Readonly<Record<string, Ref>>; readonly required?: readonly string[] }
  | { readonly type: 'list'; readonly member: Ref; readonly min?: number; readonly max?: number }
  | { readonly type: 'map'; readonly key: Ref; readonly value: Ref }
  | {
      readonly type: 'string'
      readonly enum?: readonly string[]
      readonly min?: number
      readonly max?: number
      readonly pattern?: string
    }
  | { readonly type: 'integer' | 'long' | 'float' | 'double'; readonly min?: number; readonly max?: number }
  | { readonly type: 'boolean' | 'timestamp' | 'blob' }
interface Ref {
  readonly shape: string
}
interface Model {
  readonly operations: Readonly<Record<string, { readonly input?: Ref; readonly output?: Ref; readonly errors?: readonly Ref[] }>>
  readonly shapes: Readonly<Record<string, Shape>>
}

const FILES = {
  'Auto Scaling': 'autoscaling',
  CloudWatch: 'cloudwatch',
  EC2: 'ec2',
  'Elastic Load Balancing v2': 'elbv2',
  SSM: 'ssm',
} as const
const models = new Map<string, Model>()

/** The model of a service, by the name that its client gives itself. */
function modelOf(service: string): Model {
  const known = models.get(service)
  if (known !== undefined) return known
  const file = FILES[service as keyof typeof FILES] ?? service
  const model = JSON.parse(readFileSync(join(FOLDER, `${file}.json`), 'utf8')) as Model
  models.set(service, model)
  return model
}

/** An error as a service declares it: its shape, what is sent, and the status of HTTP. */
export interface ModelledError {
  readonly name: string
  readonly code: string
  readonly status: number
}

/** The errors of an operation; EC2 declares none. */
export function errorsOf(service: string, operation: string): ModelledError[] {
  const model = modelOf(service)
  return (model.operations[operation]?.errors ?? []).map(({ shape: name }) => {
    const { error } = (model.shapes[name] ?? {}) as { error?: { code?: string; httpStatusCode?: number } }
    return { name, code: error?.code ?? name, status: error?.httpStatusCode ?? 400 }
  })
}

/** The members of a structure of a service. */
export function membersOf(service: string, shape: string): string[] {
  const found = modelOf(service).shapes[shape]
  if (found?.type !== 'structure') throw new TypeError(`${shape} is no structure of ${service}`)
  return Object.keys(found.members)
}

/** Faults of what was sent to, or answered by, an operation; each with its path. */
export function faultsOf(service: string, operation: string, side: 'input' | 'output', value: unknown): string[] {
  const model = modelOf(service)
  const known = model.operations[operation]
  if (known === undefined) return [`${service} has no operation ${operation} that a rollout uses`]
  const shape = known[side]?.shape
  const given = side === 'output' ? withoutMetadata(value) : value
  const found = shape === undefined ? [] : faults(model, shape, given, operation)
  // The least that a list may have is a rule for requests: AWS answers with empty ones.
  return side === 'output' ? found.filter((one) => !one.endsWith(': 0 is less than 1')) : found
}

function faults(model: Model, name: string, value: unknown, path: string): string[] {
  const shape = model.shapes[name]
  if (shape === undefined) return [`${path}: the model has no shape ${name}`]
  switch (shape.type) {
    case 'structure':
      return structureFaults(model, shape, value, path)
    case 'list':
      if (!Array.isArray(value)) return [`${path}: no list`]
      return [
        ...bounds(shape, value.length, path),
        ...value.flatMap((one: unknown, index) => faults(model, shape.member.shape, one, `${path}[${index}]`)),
      ]
    case 'map':
      return Object.entries(value as object).flatMap(([key, one]) => faults(model, shape.value.shape, one, `${path}.${key}`))
    case 'string':
      return stringFaults(shape, value, path)
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return typeof value === 'number' ? bounds(shape, value, path) : [`${path}: no number, but ${typeof value}`]
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${path}: no boolean, but ${typeof value}`]
    case 'timestamp':
      return value instanceof Date ? [] : [`${path}: no moment`]
    case 'blob':
      return []
  }
}

function structureFaults(model: Model, shape: Extract<Shape, { type: 'structure' }>, value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}: no object`]
  const given = Object.entries(value).filter(([, one]) => one !== undefined)
  const missing = (shape.required ?? []).filter((name) => !given.some(([key]) => key === name))
  return [
    ...missing.map((name) => `${path}.${name}: missing`),
    ...given.flatMap(([key, one]) => {
      const member = shape.members[key]
      return member === undefined ? [`${path}.${key}: unknown`] : faults(model, member.shape, one, `${path}.${key}`)
    }),
  ]
}

function stringFaults(shape: Extract<Shape, { type: 'string' }>, value: unknown, path: string): string[] {
  if (typeof value !== 'string') return [`${path}: no text, but ${typeof value}`]
  if (shape.enum !== undefined && !shape.enum.includes(value)) return [`${path}: "${value}" is none of ${shape.enum.join(', ')}`]
  const pattern = shape.pattern === undefined || new RegExp(`^(?:${shape.pattern})$`, 'u').test(value)
  return [...bounds(shape, value.length, path), ...(pattern ? [] : [`${path}: "${value}" does not match ${shape.pattern}`])]
}

function bounds({ min, max }: { readonly min?: number; readonly max?: number }, size: number, path: string): string[] {
  if (min !== undefined && size < min) return [`${path}: ${size} is less than ${min}`]
  return max !== undefined && size > max ? [`${path}: ${size} is more than ${max}`] : []
}

function withoutMetadata(value: unknown): unknown {
  const { $metadata: _, ...rest } = value as Record<string, unknown>
  return rest
}
