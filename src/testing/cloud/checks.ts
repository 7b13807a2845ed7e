import type { Check } from '../../engine/runtime.ts'
import type { Site } from './site.ts'
import { addressOf } from './views.ts'

/** Checks that read the truth. */
export interface CloudChecks extends Readonly<Record<string, Check>> {
  /** Whether the instance that is asked, or any of the generation, answers. */
  readonly answers: Check
  /** Whether an instance has no requests under way any more. */
  readonly drained: Check
}

/** The checks of a simulated cloud. */
export function createChecks(site: Site): CloudChecks {
  return {
    answers: ({ endpoint, group, release }) =>
      instancesAt(site, group, release, endpoint).some((one) => one.machine.state === 'healthy'),
    drained: ({ endpoint, group, release }) =>
      instancesAt(site, group, release, endpoint).every((one) => !one.serving && one.drainsUntil <= site.world.now),
  }
}

/** The instance that has this address, else all of the generation: its preview address reaches any of them. */
function instancesAt(site: Site, group: string, release: string, endpoint: string | undefined) {
  const all = (site.groups.get(group)?.instances ?? []).filter((one) => one.machine.release === release)
  const one = all.find(({ machine }) => addressOf(machine.id) === endpoint)
  return one === undefined ? all : [one]
}
