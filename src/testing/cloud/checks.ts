import type { Check } from '../../engine/runtime.ts'
import type { World } from '../world/index.ts'
import type { TrueFleet, TrueInstance, Truth } from './truth.ts'
import { previewOf } from './views.ts'

/** Checks that read the truth. */
export interface CloudChecks extends Readonly<Record<string, Check>> {
  /** Whether the instance that is asked, or any of the generation, answers. */
  readonly answers: Check
  /** Whether an instance has no requests under way any more. */
  readonly drained: Check
}

/** What is true of a cloud, when, and where its instances can be reached. */
export interface Checked {
  readonly world: World
  readonly truth: Truth
  addressOf(id: string): string
}

/** The checks of a simulated cloud. */
export function createChecks(site: Checked): CloudChecks {
  return {
    answers: ({ endpoint, group, release }) =>
      instancesAt(site, group, release, endpoint).some((one) => one.machine.state === 'healthy'),
    drained: ({ endpoint, group, release }) =>
      instancesAt(site, group, release, endpoint).every((one) => !one.serving && one.drainsUntil <= site.world.now),
  }
}

/** The instances that this address reaches: one, those that the preview for all routes leads to, or any of the generation by its own. */
function instancesAt(
  { truth, addressOf }: Checked,
  group: string,
  release: string,
  endpoint: string | undefined,
): TrueInstance[] {
  for (const fleet of truth.fleets.values()) if (endpoint === previewOf(fleet.id)) return previewedOf(fleet)
  const all = (truth.groups.get(group)?.instances ?? []).filter((one) => one.machine.release === release)
  const one = all.find(({ machine }) => addressOf(machine.id) === endpoint)
  return one === undefined ? all : [one]
}

function previewedOf({ groups, routes, previewed = '' }: TrueFleet): TrueInstance[] {
  return [...(routes.get(previewed)?.groups.keys() ?? [])].flatMap((id) => groups.get(id)?.instances ?? [])
}
