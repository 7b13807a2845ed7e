import { callFailed, isRolloutError, type CallFailureClass, type RolloutError } from '../../core/errors.ts'
import type { Accepted, CallContext } from '../../core/ports.ts'
import type { Cause } from '../world/index.ts'
import { drawFate, type Fate } from './fate.ts'
import { Handles } from './handles.ts'
import type { Operation } from './operation.ts'
import { expired, throttled } from './refusals.ts'
import type { Site } from './site.ts'

/** One change that was asked for, as it went. */
export interface CallRecord {
  /** Moment of the world. */
  readonly at: number
  readonly name: string
  readonly about: string
  readonly token: string
  readonly outcome: 'pending' | 'accepted' | CallFailureClass
  /** When it took effect: never, once, or twice. */
  readonly landedAt: readonly number[]
}

/** The calls that a cloud got. */
export interface Calls {
  /** Looks. */
  readonly reads: number
  /** Changes asked for. */
  readonly writes: number
  /** The latest changes asked for. */
  readonly log: readonly CallRecord[]
}

interface OpenRecord extends CallRecord {
  outcome: CallRecord['outcome']
  readonly landedAt: number[]
}

const LOG_LENGTH = 500
const NO_HANDLE: Accepted = Object.freeze({})

/** Takes calls: at once, a little later, late, twice, in part or never. */
export class Desk implements Calls {
  reads = 0
  writes = 0
  log: OpenRecord[] = []
  readonly handles = new Handles()
  readonly #site: Site

  constructor(site: Site) {
    this.#site = site
  }

  /** Answers a look after the time that calls take, unless it fails. */
  async read<T>(name: string, context: { readonly signal: AbortSignal }, view: () => T): Promise<T> {
    this.reads++
    if (this.#site.settings.latencyMs[1] > 0) await this.#travel(context.signal)
    const { faults } = this.#site
    if (faults.kinds.size > 0) {
      if (faults.happens(1)) throw throttled(this.#site, name)
      if (faults.happens(7))
        throw callFailed('transient', name, `A page of ${name} could not be read.`, { native: 'InternalError' })
      if (faults.isOpen(32)) throw expired(this.#site, name)
    }
    return view()
  }

  /** Takes a change. */
  async write(context: CallContext, operation: Operation): Promise<Accepted> {
    const { name, about } = operation
    const record: OpenRecord = { at: this.#site.world.now, name, about, token: context.token, outcome: 'pending', landedAt: [] }
    this.#note(record)
    if (this.#site.settings.latencyMs[1] > 0) await this.#travel(context.signal)
    try {
      const answer = await this.#meet(drawFate(this.#site, operation), operation, record, context)
      record.outcome = 'accepted'
      return answer
    } catch (error) {
      record.outcome = isRolloutError(error, 'call-failed') ? error.facts.class : 'unknown'
      throw error
    }
  }

  #meet(fate: Fate, operation: Operation, record: OpenRecord, context: CallContext): Accepted | Promise<never> {
    switch (fate.kind) {
      case 'refused':
        throw fate.error
      case 'ignored':
        operation.check()
        return this.#answered()
      case 'taken':
        return this.#take(fate, operation, record)
      case 'lost':
        for (const ms of fate.landsAfterMs) this.#land(ms, operation, record, fate.fault)
        if (fate.part) this.#carryOut(record, fate.fault, () => operation.applyPart?.())
        return this.#lose(fate.answersAfterMs, operation, context.signal)
    }
  }

  #take(fate: Extract<Fate, { kind: 'taken' }>, operation: Operation, record: OpenRecord): Accepted {
    const { landsAfterMs, revertsAfterMs } = fate
    operation.check()
    if (revertsAfterMs !== undefined) this.#revert(landsAfterMs + revertsAfterMs, operation)
    if (landsAfterMs === 0) {
      this.#carryOut(record, undefined, () => operation.apply())
      return this.#answered()
    }
    if (!this.#site.settings.handles) {
      this.#land(landsAfterMs, operation, record, undefined)
      return NO_HANDLE
    }
    const handle = this.handles.open()
    this.#land(landsAfterMs, operation, record, undefined, (failure) =>
      this.handles.settle(
        handle,
        failure === undefined ? { state: 'done' } : { state: 'failed', class: failure.facts.class, message: failure.message },
      ),
    )
    return { handle }
  }

  /** Lets it land later; what the cloud then refuses has no effect. */
  #land(
    ms: number,
    operation: Operation,
    record: OpenRecord,
    fault: number | undefined,
    landed: (failure?: RolloutError<'call-failed'>) => void = () => {},
  ): void {
    const { world } = this.#site
    world.schedule(world.now + ms, () => {
      try {
        this.#carryOut(record, fault, () => {
          operation.check()
          operation.apply()
        })
        landed()
      } catch (error) {
        if (!isRolloutError(error, 'call-failed')) throw error
        world.because(causeOf(record, fault), () => world.record(`refused as it landed: ${error.message}`))
        landed(error)
      }
    })
  }

  #carryOut(record: OpenRecord, fault: number | undefined, change: () => void): void {
    this.#site.world.because(causeOf(record, fault), change)
    record.landedAt.push(this.#site.world.now)
  }

  #revert(ms: number, operation: Operation): void {
    const { world, faults } = this.#site
    const undo = operation.undo?.()
    const revert = () => {
      if (faults.may(40) && undo?.() === true) faults.count(40)
    }
    world.schedule(world.now + ms, revert, { kind: 'fault', name: `${operation.name} of ${operation.about}`, fault: 40 })
  }

  #answered(): Accepted {
    if (!this.#site.settings.handles) return NO_HANDLE
    const handle = this.handles.open()
    this.handles.settle(handle, { state: 'done' })
    return { handle }
  }

  /** Says after a while, or when the caller lets go, that nobody knows. */
  async #lose(ms: number | undefined, { name, about }: Operation, signal: AbortSignal): Promise<never> {
    if (ms === undefined) await letGo(signal)
    else await this.#site.world.clock.sleep(ms, signal)
    throw callFailed('unknown', name, `The answer to ${name} of ${about} was lost; it may still take effect.`)
  }

  async #travel(signal: AbortSignal): Promise<void> {
    await this.#site.world.clock.sleep(this.#site.chance.whole(...this.#site.settings.latencyMs), signal)
  }

  #note(record: OpenRecord): void {
    this.writes++
    this.log.push(record)
    if (this.log.length >= LOG_LENGTH * 2) this.log = this.log.slice(-LOG_LENGTH)
  }
}

function letGo(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function causeOf({ token, name, about }: CallRecord, fault: number | undefined): Cause {
  return { kind: 'call', name: `${token} ${name} ${about}`, ...(fault === undefined ? {} : { fault }) }
}
