/** What a client may take of the balancer, in time and bytes; the names are those of `node:http`. */
export interface ClientLimits {
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly keepAliveTimeout: number
  readonly connectionsCheckingInterval: number
  readonly maxHeaderSize: number
}

/** The limits in use. */
export const CLIENT_LIMITS: ClientLimits = {
  /** A head that takes longer to arrive is answered 408. */
  headersTimeout: 15_000,
  /** The same for a whole request: a large upload over a slow line has to fit in it. */
  requestTimeout: 300_000,
  /** Longer than any client of ours keeps a connection, so that the client closes first and no request meets a closing one. */
  keepAliveTimeout: 65_000,
  /** How often the two timeouts above are looked at. */
  connectionsCheckingInterval: 1_000,
  /** Larger heads are answered 431. */
  maxHeaderSize: 32_768,
}

/** What an instance may take of the balancer. */
export const INSTANCE_LIMITS = {
  /** An instance on this machine answers a connect at once or not at all. */
  connectTimeout: 2_000,
  /** To the head of the answer; then 504. */
  headersTimeout: 120_000,
  /** Between two chunks of an answer: none, a quiet stream is not a broken one. */
  bodyTimeout: 0,
  maxHeaderSize: 65_536,
  /** For instances that do not say how long they keep a connection; Node keeps it for 5 s. */
  keepAliveTimeout: 4_000,
} as const

/** Idle connections kept for each instance. */
export const MAX_IDLE_CONNECTIONS = 256

/** The first ejection of an instance; each one after it, without a connection between, doubles it. */
export const FIRST_EJECTION_MS = 500
/** The longest ejection. */
export const LAST_EJECTION_MS = 8_000

/** How often a port that could not be had is asked for again. */
export const LISTEN_RETRY_MS = 200

/** How long requests may take to finish when the balancer stops; then they are cut. */
export const STOP_DEADLINE_MS = 30_000
