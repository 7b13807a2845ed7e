import { EventEmitter } from 'eventemitter3'
import type { EventOf, EventType, RolloutEvent } from '../core/events.ts'
import type { Logger } from './logger.ts'

/** Hands journaled events to listeners, in order; a listener that throws or rejects harms nobody and is reported. */
export interface Emitter {
  on<T extends EventType>(type: T, listener: (event: EventOf<T>) => unknown): () => void
  onAny(listener: (event: RolloutEvent) => unknown): () => void
  emit(event: RolloutEvent): void
  /** Removes every listener. */
  close(): void
}

type Listener = (event: RolloutEvent) => unknown

const ANY = '*'

/** An emitter that reports failing listeners to the logger, or as a process warning where there is none. */
export function createEmitter(log: Logger | undefined): Emitter {
  const emitter = new EventEmitter()
  return {
    on: (type, listener) => subscribe(type, listener as unknown as Listener),
    onAny: (listener) => subscribe(ANY, listener),
    emit(event) {
      log?.info(event.type === 'rollout.started' ? { ...event, plan: event.plan.id } : event, event.type)
      emitter.emit(event.type, event)
      emitter.emit(ANY, event)
    },
    close: () => void emitter.removeAllListeners(),
  }

  function subscribe(type: string, listener: Listener): () => void {
    const safe = (event: RolloutEvent) => {
      try {
        Promise.resolve(listener(event)).catch((error: unknown) => report(event, error))
      } catch (error) {
        report(event, error)
      }
    }
    emitter.on(type, safe)
    return () => void emitter.off(type, safe)
  }

  function report(event: RolloutEvent, error: unknown): void {
    const message = `A listener of ${event.type} failed: ${error instanceof Error ? error.message : String(error)}`
    if (log === undefined) process.emitWarning(message, 'ImagoListenerWarning')
    else log.error({ rolloutId: event.rolloutId, seq: event.seq, type: event.type, err: error }, message)
  }
}
