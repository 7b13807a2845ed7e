import { AsyncLocalStorage } from 'node:async_hooks'
import type { GcpAuth } from './access.ts'

/** The signal of the call that is being made: Google's clients take none, but send everything through `fetch` of their credentials. */
const current = new AsyncLocalStorage<AbortSignal>()

type Fetch = (url: unknown, init?: { readonly signal?: AbortSignal | null }) => Promise<unknown>

/** Makes a call whose requests end when the signal aborts. */
export function within<T>(signal: AbortSignal, body: () => Promise<T>): Promise<T> {
  return current.run(signal, body)
}

/** A stand-in for credentials that were given, so that theirs are not changed. */
export function standIn(auth: GcpAuth): GcpAuth {
  const { universeDomain } = auth as { universeDomain?: string }
  return {
    getRequestHeaders: (url) => auth.getRequestHeaders(url),
    fetch: (url, init) => auth.fetch(url, init),
    ...(universeDomain === undefined ? {} : { universeDomain }),
  }
}

const seen = new WeakSet<object>()

/** From now on what a client sends ends with the call that it is sent for. */
export function lettingGo(client: unknown): void {
  const { auth } = client as { auth?: { fetch?: Fetch } }
  if (auth?.fetch === undefined || seen.has(auth)) return
  seen.add(auth)
  auth.fetch = abortable(auth.fetch.bind(auth))
}

function abortable(send: Fetch): Fetch {
  return (url, init) => {
    const signals = [current.getStore(), init?.signal].filter((one) => one !== undefined && one !== null)
    return send(url, { ...init, signal: AbortSignal.any(signals) })
  }
}
