/** Anything that survives `JSON.parse(JSON.stringify(value))` unchanged; all that is stored is of this type. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
/** A plain JSON object. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** The one text of a value, whatever order its keys are in: what a store or a formatter did to it on the way does not show. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    isObject(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
  )
}

/** Whether a value is an object and no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value with changes laid over it, as launch settings are changed: objects are merged, `null` takes a key away, anything else replaces. */
export function merged(base: unknown, changes: unknown): unknown {
  if (!isObject(changes)) return changes
  const result: Record<string, unknown> = isObject(base) ? { ...base } : {}
  for (const [key, change] of Object.entries(changes)) {
    if (change === null) delete result[key]
    else result[key] = merged(result[key], change)
  }
  return result
}
