import * as v from 'valibot'
import { problemsError } from '../../../src/core/errors.ts'

/** A place to listen. */
export interface ListenAddress {
  readonly host: string
  /** 0 lets the system choose; the state says which port it became. */
  readonly port: number
}

/** One instance that requests can be sent to. */
export interface TableTarget {
  readonly instance: string
  readonly host: string
  readonly port: number
  /** `draining` gets no new requests and finishes those it has. */
  readonly state: 'in' | 'draining'
}

/** The instances of one binding, and their share of the requests. */
export interface TablePool {
  readonly binding: string
  /** A whole number; its share is this over the sum of the weights of its service. */
  readonly weight: number
  /** Where only this pool answers, whatever its weight. @default - nowhere */
  readonly preview?: ListenAddress
  readonly targets: readonly TableTarget[]
}

/** One address and the pools that share its requests. */
export interface TableService {
  readonly name: string
  readonly listen: ListenAddress
  readonly pools: readonly TablePool[]
}

/** All that the balancer needs to know. It is replaced as a whole. */
export interface BalancerTable {
  /** Grows with each table; the balancer refuses one older than its own. */
  readonly version: number
  readonly services: readonly TableService[]
}

/** What a pool answered within one second. */
export interface SecondCounters {
  /** When the second began. */
  readonly at: number
  /** Requests that ended in it. */
  readonly requests: number
  /** Those answered by 5xx, by the balancer itself or not at all. */
  readonly failures: number
  /** Requests by time to the head of the answer, one number for each bound of {@link LATENCY_BOUNDS_MS} and one for all above. */
  readonly latency: readonly number[]
}

/** Upper bounds of the latency histogram. */
export const LATENCY_BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000] as const

/** What the balancer says about one instance. */
export interface TargetState {
  /** Requests under way, through the service and the preview together. */
  readonly inFlight: number
  /** Could not be connected to a moment ago: left out while others are there. */
  readonly ejected: boolean
}

/** What the balancer says about one pool. */
export interface PoolState {
  /** Where the preview listens, once it does. */
  readonly preview?: ListenAddress
  /** The last 120 s, oldest first; seconds without requests are left out. */
  readonly counters: readonly SecondCounters[]
  readonly targets: Readonly<Record<string, TargetState>>
}

/** What the balancer says about one service. */
export interface ServiceState {
  readonly listening: boolean
  /** Where it listens, once it does. */
  readonly address?: ListenAddress
  /** Why it does not listen; it is tried again until it does. */
  readonly error?: string
  readonly pools: Readonly<Record<string, PoolState>>
}

/** What the balancer answers when it is asked. */
export interface BalancerState {
  /** Of the table in effect; 0 before the first. */
  readonly version: number
  readonly services: Readonly<Record<string, ServiceState>>
}

const name = v.pipe(v.string(), v.regex(/^.{1,200}$/, 'a name of 1 to 200 characters'))
const port = (least: number) => {
  const allowed = `a port from ${least} to 65535`
  return v.pipe(v.number(), v.integer(allowed), v.minValue(least, allowed), v.maxValue(65_535, allowed))
}
const address = v.strictObject({ host: name, port: port(0) })
const target = v.strictObject({ instance: name, host: name, port: port(1), state: v.picklist(['in', 'draining']) })
const WEIGHT = 'a whole number from 0 to 1000000'
const weight = v.pipe(v.number(), v.integer(WEIGHT), v.minValue(0, WEIGHT), v.maxValue(1_000_000, WEIGHT))
const targets = v.pipe(
  v.array(target),
  unique('each instance once', (one) => one.instance),
)
const pool = v.strictObject({ binding: name, weight, preview: v.exactOptional(address), targets })
const service = v.strictObject({
  name,
  listen: address,
  pools: v.pipe(
    v.array(pool),
    unique('each binding once', (one) => one.binding),
  ),
})
const VERSION = 'a whole number from 1'
const table = v.strictObject({
  version: v.pipe(v.number(), v.safeInteger(VERSION), v.minValue(1, VERSION)),
  services: v.pipe(
    v.array(service),
    unique('each name once', (one) => one.name),
  ),
})

/** Checks a table. @throws RolloutError `spec-invalid` with every problem in it. */
export function parseTable(value: unknown): BalancerTable {
  const result = v.safeParse(table, value)
  if (result.success) return result.output
  throw problemsError('spec-invalid', 'This table cannot take effect', result.issues.map(problemOf))
}

function problemOf(issue: v.BaseIssue<unknown>) {
  const path = (v.getDotPath(issue) ?? 'table').replaceAll(/\.(\d+)/g, '[$1]')
  if (issue.expected === 'never') return { path, found: 'a field that a table does not have', allowed: 'only known fields' }
  if (issue.type === 'check_items') return { path, found: 'one that is there already', allowed: issue.message }
  const found = (JSON.stringify(issue.input) ?? 'nothing').slice(0, 80)
  return { path, found, allowed: issue.kind === 'schema' ? (issue.expected ?? issue.message) : issue.message }
}

function unique<Item>(message: string, key: (item: Item) => string) {
  return v.checkItems<Item[], string>((item, index, all) => all.findIndex((other) => key(other) === key(item)) === index, message)
}
