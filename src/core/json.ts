/** Anything that survives `JSON.parse(JSON.stringify(value))` unchanged; all that is stored is of this type. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
/** A plain JSON object. */
export interface JsonObject {
  readonly [key: string]: Json
}
