import { callFailed } from '../../../../src/core/errors.ts'
import { treat, type Treatments } from '../treatment.ts'

/** Why these cannot be cloned, one sentence for each setting that stands in the way. */
export function refusedSettings<Source extends object, Target extends object>(
  sources: readonly Source[],
  table: Treatments<Source, Target>,
  describe: (source: Source) => string,
): string[] {
  return sources.flatMap((one) => treat(one, table).refusals.map(({ member, why }) => `${describe(one)}: ${member}: ${why}`))
}

/** What is given to a clone of each. @throws RolloutError `call-failed` of class `invalid` for what has come since the plan and cannot be cloned. */
export function settingsOf<Source extends object, Target extends object>(
  sources: readonly Source[],
  table: Treatments<Source, Target>,
  describe: (source: Source) => string,
): Partial<Target>[] {
  const [refused] = refusedSettings(sources, table, describe)
  if (refused !== undefined) throw callFailed('invalid', 'ensureGroup', `The clone cannot have ${refused}.`)
  return sources.map((one) => treat(one, table).settings)
}
