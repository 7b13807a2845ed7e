import type { Json } from './json.ts'

/** One thing wrong with what was given: where, what was found, what is allowed. */
export interface Problem {
  /** A path into the input, such as `strategy.weights[1]`. */
  readonly path: string
  readonly found: string
  readonly allowed: string
}

/** How a call to a cloud failed. Adapters classify in one table; the engine alone decides what follows. */
export type CallFailureClass =
  | 'throttled'
  | 'transient'
  | 'conflict'
  | 'not-found'
  | 'denied'
  | 'quota'
  | 'capacity'
  | 'invalid'
  /** Sent, but nobody knows whether it was, or will be, carried out. */
  | 'unknown'

/** The facts that each kind of error carries. */
export interface ErrorFacts {
  /** A spec, plan or option is wrong; every problem is listed and nothing was touched. */
  'spec-invalid': { readonly problems: readonly Problem[] }
  'image-invalid': { readonly image: string; readonly why: string }
  /** The fleet cannot do what the spec asks for. */
  unsupported: { readonly problems: readonly Problem[] }
  /** First contact found something that somebody must decide about. */
  'adoption-refused': { readonly fleet: string; readonly found: string; readonly choices: readonly string[] }
  /** The world is no longer what the plan rests on. */
  'plan-stale': { readonly differences: readonly Problem[] }
  'plan-expired': { readonly expiredAt: number }
  /** Another rollout of this fleet has not ended. */
  'rollout-in-progress': { readonly fleet: string; readonly rolloutId: string }
  'rollout-not-found': { readonly rolloutId: string }
  /** Somebody else drives this rollout. */
  'driven-elsewhere': {
    readonly rolloutId: string
    readonly controller: string
    readonly sinceAt: number
    readonly untilAt: number
  }
  /** This controller's epoch is over: its next write found its place taken. */
  fenced: { readonly rolloutId: string; readonly epoch: number; readonly by: string }
  /** Written by a newer imago than this one: read-only here. */
  'format-newer': { readonly found: number; readonly known: number }
  'store-unavailable': { readonly stream: string }
  'store-corrupt': { readonly stream: string; readonly seq: number; readonly why: string }
  /** A request that has no meaning in the present state, or was answered before. */
  'request-refused': { readonly request: string; readonly why: string }
  /** Two different fleets under one name, or something named that this process does not have. */
  'name-unknown': { readonly kind: string; readonly name: string; readonly known: readonly string[] }
  'name-taken': { readonly kind: string; readonly name: string }
  /** A port call failed. */
  'call-failed': {
    readonly class: CallFailureClass
    readonly call: string
    /** The cloud's own code, such as `InsufficientInstanceCapacity`. */
    readonly native?: string
    readonly retryAfterMs?: number
  }
  /** `roll` ended otherwise than promoted. The report says where the fleet is. */
  'not-promoted': { readonly outcome: string; readonly reason: string; readonly next: string; readonly report: Json }
  closed: { readonly what: string }
  /** An optional package is missing; the message names it. */
  'peer-missing': { readonly package: string; readonly for: string }
  /** This machine cannot do it (platform, disk, daemon). */
  'host-unfit': { readonly why: string }
}

/** The literal by which a program tells errors apart. */
export type ErrorCode = keyof ErrorFacts

const BRAND = Symbol.for('imago.RolloutError')

/** The one error of imago: a literal `code`, the facts as fields, and the `cause` kept. */
export class RolloutError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'RolloutError'
  readonly code: C
  readonly facts: ErrorFacts[C]

  constructor(code: C, message: string, facts: ErrorFacts[C], options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.facts = facts
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** Code, message and facts; never the cause, which may hold what must not be logged. */
  toJSON(): { name: string; code: C; message: string; facts: ErrorFacts[C] } {
    return { name: this.name, code: this.code, message: this.message, facts: this.facts }
  }
}

/** Makes a {@link RolloutError}; messages say what, got, allowed, and what to do. */
export function rolloutError<C extends ErrorCode>(
  code: C,
  message: string,
  facts: ErrorFacts[C],
  cause?: unknown,
): RolloutError<C> {
  return new RolloutError(code, message, facts, cause === undefined ? undefined : { cause })
}

/** Whether a value is imago's error, of this code if one is given; true across copies of the package. */
export function isRolloutError<C extends ErrorCode = ErrorCode>(value: unknown, code?: C): value is RolloutError<C> {
  return value instanceof Error && BRAND in value && (code === undefined || (value as unknown as RolloutError).code === code)
}

/** One error for all problems of an input, each with path, what was found and what is allowed. */
export function problemsError(code: 'spec-invalid' | 'unsupported', what: string, problems: readonly Problem[]) {
  const lines = problems.map((one) => `  ${one.path}: found ${one.found}; allowed: ${one.allowed}`)
  return rolloutError(code, `${what}; nothing was touched:\n${lines.join('\n')}`, { problems })
}

/** What an adapter throws when a native call failed. */
export function callFailed(
  failure: CallFailureClass,
  call: string,
  message: string,
  more: { native?: string; retryAfterMs?: number; cause?: unknown } = {},
): RolloutError<'call-failed'> {
  const { native, retryAfterMs, cause } = more
  const facts = {
    class: failure,
    call,
    ...(native === undefined ? {} : { native }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
  return rolloutError('call-failed', message, facts, cause)
}

/** For whoever catches a call: that what it names is not there is no answer; every other failure is thrown again. */
export function unlessAbsent(error: unknown): undefined {
  if (isRolloutError(error, 'call-failed') && error.facts.class === 'not-found') return undefined
  throw error
}

/** Codes of errors upon which nothing left this machine. */
export const UNSENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG',
])

/** For whoever loads an optional package for a subpath: what is thrown when it is not installed. */
export function missingPeer(name: string, user: string): (cause?: unknown) => never {
  return (cause) => {
    const message = `${user} needs ${name}, which is not installed here: npm install ${name}`
    throw rolloutError('peer-missing', message, { package: name, for: user }, cause)
  }
}
