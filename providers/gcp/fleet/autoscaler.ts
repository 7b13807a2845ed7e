import { unlessAbsent } from '../../../src/core/errors.ts'
import type { Where } from '../where.ts'
import type { Autoscaler, Manager } from '../sdk/resources.ts'
import { nameIn } from '../sdk/urls.ts'

/** So many instances a group may have, as Google publishes it: by where it is, and by whether its list of them comes in pages. */
const LIMITS = { zone: { pageless: 1_000, paginated: 2_000 }, region: { pageless: 2_000, paginated: 4_000 } } as const

/** The autoscaler of a group; `undefined` when it has none. */
export async function readAutoscaler(
  { caller, project, location, kind }: Where,
  { status }: Manager,
  signal: AbortSignal,
): Promise<Autoscaler | undefined> {
  const autoscaler = nameIn(status?.autoscaler)
  if (autoscaler === '') return undefined
  const read =
    kind === 'zone'
      ? caller.call('autoscalers.get', { project, zone: location, autoscaler }, signal)
      : caller.call('regionAutoscalers.get', { project, region: location, autoscaler }, signal)
  return await read.catch(unlessAbsent)
}

/** The bounds of a group: its autoscaler's; where nothing scales it, what a group can have at all. */
export function boundsOf(
  { kind }: Where,
  { listManagedInstancesResults: pages }: Manager,
  scaler: Autoscaler | undefined,
): { readonly min: number; readonly max: number; readonly recommended?: number } {
  const limit = LIMITS[kind][pages === 'PAGINATED' ? 'paginated' : 'pageless']
  const { minNumReplicas: min = 0, maxNumReplicas: max = limit } = scaler?.autoscalingPolicy ?? {}
  const { recommendedSize: recommended } = scaler ?? {}
  return { min, max, ...(recommended === undefined ? {} : { recommended }) }
}
