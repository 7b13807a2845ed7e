import { marksOf } from '../../../providers/gcp/marks.ts'
import type { FaultPlan } from '../../../src/testing/cloud/faults.ts'
import { converge } from '../wire/converge.ts'
import type { AutoscalerRecord, GroupRecord, Project } from '../wire/project.ts'
import { UNITS, weightsOf } from '../url-map.ts'
import { servicesOf, takesRequests } from './traffic.ts'

/** Every autoscaler at work: each period it asks for as many instances as the group's share of the demand needs, within its bounds. */
export function startScaling(project: Project, faults: FaultPlan, periodMs: number): void {
  const { world } = project
  const round = () => {
    for (const scaler of project.autoscalers.values()) {
      const group = project.groups.get(scaler.target)
      if (group !== undefined && group.deleting !== true) scale(project, faults, scaler, group)
    }
    world.schedule(world.now + periodMs, round)
  }
  world.schedule(world.now + periodMs, round)
}

/** One that may only launch wishes to end somebody in vain. */
function scale(project: Project, faults: FaultPlan, { min, max, mode }: AutoscalerRecord, group: GroupRecord): void {
  const { world } = project
  // Where nobody is there, nobody is too busy.
  if (group.targetSize === 0 && group.instances.size === 0) return
  const wanted = Math.min(max, Math.max(min, Math.ceil(world.demand * shareOf(project, group) - 1e-9)))
  if (wanted === group.targetSize || mode === 'OFF') return
  const { rollout, holds } = marksOf({ description: group.description ?? '' })
  const against = rollout !== undefined && wanted < group.targetSize
  if (against && faults.may(14)) faults.count(14)
  if (wanted < group.targetSize && mode !== 'ON') return
  if (holds?.['scale-in'] !== undefined && faults.may(13)) faults.count(13)
  world.because({ kind: 'autoscaler', name: group.name, fault: against ? 14 : 13 }, () => {
    group.targetSize = wanted
    converge(project, group)
    world.record(`${group.name} shall have ${wanted}`)
  })
}

/** The part of all requests that a group takes. */
function shareOf(project: Project, group: GroupRecord): number {
  const weights = weightsOf(project)
  let share = 0
  for (const { path, backends } of servicesOf(project, group)) {
    const all = [...project.groups.values()].filter((one) => (backends.get(one.path) ?? 0) > 0)
    const serving = all.reduce((sum, one) => sum + servingIn(project, one), 0)
    const portion = serving === 0 ? 1 / all.length : servingIn(project, group) / serving
    share += ((weights.get(path) ?? 0) / UNITS) * portion
  }
  return share
}

function servingIn(project: Project, { instances }: GroupRecord): number {
  return [...instances.values()].filter((one) => takesRequests(project, one)).length
}
