import { problemsError } from './errors.ts'
import type { ProviderFacts } from './snapshot.ts'

/** Why fleets of this provider can only be looked at and planned for; `undefined` when they can be changed. */
export function readOnlyBecause({ changes }: ProviderFacts): string | undefined {
  return changes === undefined || changes.can ? undefined : changes.why
}

/** @throws RolloutError `unsupported` for a fleet whose provider changes nothing: its rollout would journal much and do nothing. */
export function refuseReadOnly(fleet: string, facts: ProviderFacts): void {
  const why = readOnlyBecause(facts)
  if (why === undefined) return
  const problems = [
    { path: 'provider', found: why, allowed: 'a provider that changes fleets; here they are described and planned for' },
  ]
  throw problemsError('unsupported', `A rollout of ${fleet} cannot be started`, problems)
}
