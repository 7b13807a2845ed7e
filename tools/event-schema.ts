import { format, resolveConfig } from 'prettier'
import { createGenerator } from 'ts-json-schema-generator'
import { root } from './subpaths.ts'

/** The file that is published as `imago/events.schema.json`. */
export const SCHEMA_FILE = `${root}src/core/events.schema.json`

/** The JSON schema of the journal's events, made from their types: the types alone say what an event is. */
export async function eventSchema(): Promise<string> {
  const types = createGenerator({
    path: `${root}src/core/events.ts`,
    tsconfig: `${root}tsconfig.json`,
    type: 'RolloutEvent',
    // The types are checked where they are compiled.
    skipTypeCheck: true,
  })
  const { $schema, ...schema } = types.createSchema('RolloutEvent')
  const title = 'An event of the journal of an imago rollout'
  const text = JSON.stringify({ $schema, title, ...schema }, (key, value: unknown) => (key === 'default' ? undefined : value))
  return await format(text, { ...(await resolveConfig(SCHEMA_FILE)), filepath: SCHEMA_FILE })
}
