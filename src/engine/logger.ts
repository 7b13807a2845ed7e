/** A pino-shaped logger: every call of a port at `debug`, every event as it is emitted at `info`, what went wrong above. */
export interface Logger {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}
