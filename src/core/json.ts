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
