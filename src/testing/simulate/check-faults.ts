import { callFailed } from '../../core/errors.ts'
import type { Check } from '../../engine/runtime.ts'
import type { World } from '../world/index.ts'

/** Checks of which some calls hang, fail, or say no (38). */
export interface FaultyChecks {
  readonly checks: Readonly<Record<string, Check>>
  readonly drawn: () => number
  stop(): void
}

/** Wraps checks; each call goes wrong with this chance until it is stopped. */
export function faultyChecks(world: World, checks: Readonly<Record<string, Check>>, chance: number): FaultyChecks {
  const random = world.random('checks')
  let [drawn, stopped] = [0, false]
  const wrapped = Object.entries(checks).map(([name, check]): [string, Check] => [
    name,
    async (asked) => {
      if (stopped || !random.chance(chance)) return await check(asked)
      drawn++
      switch (random.pick(['hangs', 'fails', 'says no'])) {
        case 'hangs':
          return await new Promise<never>(() => undefined)
        case 'fails':
          throw callFailed('transient', 'check', 'The check failed.')
        default:
          return false
      }
    },
  ])
  return { checks: Object.fromEntries(wrapped), drawn: () => drawn, stop: () => void (stopped = true) }
}
