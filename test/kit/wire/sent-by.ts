import { AsyncLocalStorage } from 'node:async_hooks'

/** What a process calls now, and what for: its purpose goes with each request, for whoever watches what it does. */
export interface Purposes {
  /** What the call is made for that is under way. */
  now(): string | undefined
  /** A port whose every call says what it is made for. */
  of<Port extends object>(port: Port): Port
}

/** Makes a book of purposes that is empty. */
export function createPurposes(): Purposes {
  const purposes = new AsyncLocalStorage<string>()
  return {
    now: () => purposes.getStore(),
    of: (port) =>
      aroundCalls(port, (given, call) => purposes.run((given.at(-1) as { token?: string } | undefined)?.token ?? '', call)),
  }
}

/** A port with something done around each of its calls; what is no function stays. */
export function aroundCalls<Port extends object>(
  port: Port,
  around: (given: readonly unknown[], call: () => unknown) => unknown,
): Port {
  const wrapped: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(port))
    wrapped[name] =
      typeof member === 'function'
        ? (...given: unknown[]) => around(given, () => (member as (...all: unknown[]) => unknown)(...given))
        : member
  return wrapped as Port
}
