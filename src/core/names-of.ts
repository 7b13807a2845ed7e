import type { DrainPolicy, Plan } from './plan.ts'

/** Something that a plan names and the process that drives it must have. */
export interface Named {
  readonly kind: 'check' | 'metric source'
  readonly name: string
  /** Where it is named. */
  readonly path: string
}

/** The parts of a plan that name something. */
export type Naming = Pick<Plan, 'health' | 'waypoints' | 'back'> & { readonly drain: Pick<DrainPolicy, 'hook'> }

/** Every check and metric source that a plan names: in its probes, its drain hook and its gates. Pure. */
export function namesOf({ health, drain, waypoints, back }: Naming): Named[] {
  const names: Named[] = []
  health.probes.forEach((probe, index) => {
    if (probe.kind === 'check') names.push({ kind: 'check', name: probe.name, path: `health.probes[${index}].check` })
  })
  if (drain.hook?.kind === 'check') names.push({ kind: 'check', name: drain.hook.name, path: 'drain.hook.check' })
  for (const [list, at] of [
    [waypoints, 'waypoints'],
    [back, 'back'],
  ] as const)
    list.forEach((waypoint, index) =>
      waypoint.gates.forEach((gate, place) => {
        const path = `strategy.${at}[${index}].gates[${place}]`
        if (gate.kind === 'verify' && gate.question.kind === 'check')
          names.push({ kind: 'check', name: gate.question.name, path: `${path}.question.name` })
        if (gate.kind === 'analysis')
          gate.metrics.forEach((metric, which) =>
            names.push({ kind: 'metric source', name: metric.source, path: `${path}.metrics[${which}].source` }),
          )
      }),
    )
  return names
}
