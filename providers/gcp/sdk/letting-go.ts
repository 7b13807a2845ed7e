import { AsyncLocalStorage } from 'node:async_hooks'
import type { GcpAuth } from './access.ts'

/** The signal of the call that is being made: Google's clients take none, but send everything through `fetch` of their credentials. */
const current = new AsyncLocalStorage<AbortSignal>()

type Fetch = (url: unknown, init?: { readonly signal?: AbortSignal | null }) => Promise<unknown>

/** Makes a call whose requests end when the signal aborts. */
export function within<T>(signal: AbortSignal, body: () => Promise<T>): Promise<T> {
  return current.run(signal, body)
}

/** Credentials whose requests end with the call that they are made for. */
export function lettingGo(auth: GcpAuth): GcpAuth {
  const { universeDomain } = auth as { universeDomain?: string }
  return {
    getRequestHeaders: (url) => auth.getRequestHeaders(url),
    fetch: abortable((url, init) => auth.fetch(url as never, init as never)),
    ...(universeDomain === undefined ? {} : { universeDomain }),
  }
}

const seen = new WeakSet<object>()

/** The same for the credentials that a client has found for itself. */
export function letGoOf(client: unknown): void {
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
