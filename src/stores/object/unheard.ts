import type { Away } from './bucket.ts'

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

/** A clock that is not told would be taken for the beginning of time. */
export const NO_TIME: Away = { status: 503, why: 'it did not say what time it is' }
