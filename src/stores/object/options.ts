import * as v from 'valibot'
import { problemsError } from '../../core/errors.ts'
import { check } from '../../core/schema.ts'

/** A text of one form, and what it is for people. */
export function text(form: RegExp, what: string) {
  return v.pipe(v.string(what), v.regex(form, what))
}

/** Something that has this method. */
export function having<T>(method: string, what: string) {
  return v.custom<T>((value) => typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function', what)
}

/** What every store of objects can be told. A dot before a slash would be lost on its way through a URL. */
export const shared = {
  prefix: v.optional(text(/^(?!.*\.\/)(?:.+\/)?$/, 'a text that ends with a slash, with no dot before one'), 'imago/'),
  endpoint: v.exactOptional(v.pipe(v.string('a URL'), v.url('a URL'))),
}

/** The options with their defaults. @throws RolloutError `spec-invalid` with every problem. */
export function checked<S extends v.GenericSchema>(schema: S, options: unknown): v.InferOutput<S> {
  const { value, problems } = check(schema, options, 'options')
  if (value === undefined) throw problemsError('spec-invalid', 'This store cannot be opened', problems)
  return value
}
