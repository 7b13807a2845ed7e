/** Something under way: let go of by itself, or with what it is part of. */
export interface Scope {
  readonly signal: AbortSignal
  letGo(reason?: unknown): void
  /** It has ended: nothing of it is left on the signal of what it was part of. */
  end(): void
}

/** Begins something that may be let go of with what it is part of. */
export function scopeOf(outer: AbortSignal | undefined): Scope {
  const own = new AbortController()
  const follow = () => own.abort(outer?.reason)
  if (letGo(outer)) follow()
  else outer?.addEventListener('abort', follow)
  return {
    signal: own.signal,
    letGo: (reason) => own.abort(reason),
    end: () => outer?.removeEventListener('abort', follow),
  }
}

/** Whether somebody has let go. A function, because a signal changes by itself while a loop looks at it. */
export function letGo(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

/** Why a wait is over that nobody needs any more. Without a reason of our own each end would make an error that nobody sees. */
export const ENDED = 'ended'
