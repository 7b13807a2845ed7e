import * as v from 'valibot'
import { problemsError } from '../../core/errors.ts'
import { check, text, urlText } from '../../core/schema.ts'

/** What every store of objects can be told. A dot before a slash would be lost on its way through a URL. */
export const shared = {
  prefix: v.optional(text(/^(?!.*\.\/)(?:.+\/)?$/, 'a text that ends with a slash, with no dot before one'), 'imago/'),
  endpoint: v.exactOptional(urlText),
}

/** The options with their defaults. @throws RolloutError `spec-invalid` with every problem. */
export function checked<S extends v.GenericSchema>(schema: S, options: unknown): v.InferOutput<S> {
  const { value, problems } = check(schema, options, 'options')
  if (value === undefined) throw problemsError('spec-invalid', 'This store cannot be opened', problems)
  return value
}
