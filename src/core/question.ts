import * as v from 'valibot'
import { name } from './schema.ts'

/** What is asked of an instance or of a generation: an HTTP path, or a check that is registered by name. */
export type Question =
  | {
      readonly kind: 'http'
      readonly path: string
      /** @default - that of the address */
      readonly port?: number
    }
  | { readonly kind: 'check'; readonly name: string }

/** A path that is answered by 2xx, on the address's own port unless one is given. */
export interface HttpQuestion {
  readonly http: string
  /** @default - that of the address */
  readonly port?: number
}

/** A question as people write it. */
export type QuestionSpec<Checks extends string = string> = HttpQuestion | { readonly check: Checks }

const http = {
  http: v.pipe(v.string('a path'), v.startsWith('/', "a path such as '/health'")),
  port: v.exactOptional(
    v.pipe(v.number('a port'), v.integer('a port'), v.minValue(1, 'a port'), v.maxValue(65_535, 'a port from 1 to 65535')),
  ),
}
const SAID = "{ http: '/path' } or { check: name }"

/** Schema of an {@link HttpQuestion}. */
export const httpQuestion = v.strictObject(http)

/** Schema of a {@link QuestionSpec} with more entries beside it. */
export function questionSpec<More extends v.ObjectEntries>(more: More) {
  return v.union([v.strictObject({ ...http, ...more }), v.strictObject({ check: name, ...more })], SAID)
}

/** Schema of a {@link Question} in a plan. */
export const questionSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('http'), path: http.http, port: http.port }),
  v.strictObject({ kind: v.literal('check'), name }),
])

/** A question as plans have it. */
export function questionOf(spec: QuestionSpec): Question {
  if ('check' in spec) return { kind: 'check', name: spec.check }
  return { kind: 'http', path: spec.http, ...(spec.port === undefined ? {} : { port: spec.port }) }
}

/** A question in a few words: `check smoke`, `HTTP /ready on port 8080`. */
export function formatQuestion(question: Question): string {
  if (question.kind === 'check') return `check ${question.name}`
  return `HTTP ${question.path}${question.port === undefined ? '' : ` on port ${question.port}`}`
}
