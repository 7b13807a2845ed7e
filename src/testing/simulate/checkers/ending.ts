import type { Command } from '../../../core/command.ts'
import type { RolloutEvent } from '../../../core/events.ts'
import { byCall, fleetOf, type CheckerOf, type Findings, type Scene } from './checker.ts'

/** I4: nothing of stable is destroyed by a call before the candidate has had all traffic for as long as the bake asks. */
export const bakedFirst: CheckerOf = (scene, findings) => {
  const candidate = scene.plan.candidate.binding ?? ''
  const weighted = candidate !== (scene.plan.stable.binding ?? '')
  const bakeMs = Math.max(0, ...(scene.plan.waypoints.at(-2)?.gates ?? []).map((gate) => (gate.kind === 'bake' ? gate.forMs : 0)))
  let aloneSince: number | undefined
  // Of a rollout that was rebuilt, what left before is its forerunner's.
  let there = reachedByRoute(scene)
  return {
    onInstant() {
      if (!weighted) return
      const units = scene.plan.restsOn.router?.units ?? 0
      const alone = (scene.truth.weights(scene.fleetId)[candidate] ?? 0) === units
      aloneSince = alone ? (aloneSince ?? scene.world.now) : undefined
      const now = reachedByRoute(scene)
      if (there && !now && byCall(scene)) {
        findings.met('I4')
        const waived = scene.journal.some((event) => event.type === 'gate.promoted')
        const forMs = aloneSince === undefined ? -1 : scene.world.now - aloneSince
        const disturbed = scene.world.trace.entries.some(
          ({ cause, what }) => cause.kind !== 'call' && what.startsWith('weights of'),
        )
        const skewed = scene.clockJumpedMs()
        if (forMs < bakeMs && deletedByPerson(scene)) findings.excused('I4', 'a person deleted its group')
        else if (forMs < bakeMs && disturbed) findings.excused('I4', 'somebody else had changed the weights')
        else if (forMs < bakeMs && forMs >= bakeMs - skewed)
          findings.excused('I4', `the store's clock had jumped by ${skewed} ms (20)`)
        else if (forMs < bakeMs && !waived)
          findings.broken(
            'I4',
            `${scene.plan.stable.group} left its route ${forMs} ms after the switch, the bake is ${bakeMs} ms`,
          )
      }
      there = now
    },
  }
}

/** Whether stable's group is gone, and somebody had deleted it. */
function deletedByPerson(scene: Scene): boolean {
  const { group } = scene.plan.stable
  const isGone = fleetOf(scene)?.groups.get(group)?.retiring ?? true
  return isGone && scene.world.trace.entries.some(({ cause }) => cause.kind === 'person' && cause.name === `deletes ${group}`)
}

/** Whether stable's group is in its route; a slot always is, so there it is whether none of it was taken out. */
function reachedByRoute(scene: Scene): boolean {
  const { stable, fleet: planned } = scene.plan
  const out = fleetOf(scene)
    ?.routes.get(stable.binding ?? '')
    ?.groups.get(stable.group)
  return out !== undefined && (planned.placement.kind !== 'slots' || out.size === 0)
}

/** I7: no two groups of one generation, and at the end none but the one that serves; every hold, route and claim released. */
export const nothingLeft: CheckerOf = (scene, findings) => ({
  atEnd() {
    const end = scene.journal.find((event) => event.type === 'rollout.finished')
    const fleet = fleetOf(scene)
    if (end === undefined || fleet === undefined) return
    findings.met('I7')
    const kept = new Set(end.leftovers)
    const others = new Set(scene.bystanders)
    const groups = [...fleet.groups.values()].filter(({ id, retiring }) => !retiring && !kept.has(id) && !others.has(id))
    const clean = end.outcome === 'promoted' || end.outcome === 'rolled-back'
    const taken = groups.length === 0 && scene.world.trace.entries.some((one) => one.cause.kind === 'person')
    if (clean && taken) findings.excused('I7', 'a person deleted the last group')
    else if (clean && groups.length !== 1)
      findings.broken('I7', `${groups.map((group) => group.id).join(', ')} are there after ${end.outcome}`)
    const routes = routesLeft(scene).filter((binding) => !kept.has(binding))
    const unowned = routes.filter((binding) => saidToStay(scene, binding))
    if (clean && unowned.length > 0)
      findings.excused('I7', `${unowned.join(', ')} had lost its group before the plan was made, which says that it stays`)
    if (clean && routes.length - unowned.length > 1 && end.next.includes('which is empty'))
      findings.excused('I7', `somebody gave weight to an empty slot as the rollout ended, which said so`)
    else if (clean && weighedAfter(scene, end))
      findings.excused('I7', `somebody gave weights when the rollout had ended, which heard no more of it`)
    else if (clean && routes.length - unowned.length > 1)
      findings.broken('I7', `the routes ${routes.join(', ')} are there after ${end.outcome}`)
    if (clean) for (const id of kept) leftForAReason(scene, id, findings)
    findings.met('I21')
    for (const group of fleet.groups.values())
      for (const hold of group.holds) findings.broken('I21', `${hold.kind} of ${hold.owner} is left on ${group.id}`)
    for (const { kind, on, what } of scene.traces())
      if (kind === 'held' && !kept.has(on)) findings.broken('I21', what)
      else if (clean && !kept.has(on)) findings.broken('I7', `${what} after ${end.outcome}`)
    releaseServes(scene, end.outcome, kept, findings)
  },
})

/** Routes that are there; those of slots always are, so of them the ones that have weight. */
function routesLeft(scene: Scene): string[] {
  const slots = scene.plan.fleet.placement.kind === 'slots'
  const routes = [...(fleetOf(scene)?.routes.values() ?? [])].filter((one) => !slots || one.weight > 0)
  return routes.map((one) => one.binding)
}

/** Whether a person changed weights that nobody of ours looks at any more. */
function weighedAfter({ journal, storedAt, world }: Scene, end: RolloutEvent): boolean {
  const endedAt = storedAt[journal.indexOf(end)] ?? Infinity
  return world.trace.entries.some(
    ({ at, cause, what }) => at > endedAt && cause.kind === 'person' && what.startsWith('weights of'),
  )
}

/** A route of which nobody could tell whose it was, since the store that knew is lost; people were told. */
function saidToStay({ plan }: Scene, binding: string): boolean {
  const known = [plan.stable, plan.candidate, ...plan.leftovers].some((one) => one.binding === binding)
  return !known && plan.notes.some((note) => note.includes(`the route ${binding} `))
}

/** What is listed as left behind is there because the cloud refused to remove it, and said so when it was asked. */
function leftForAReason(scene: Scene, id: string, findings: Findings): void {
  const fleet = fleetOf(scene)
  if (fleet?.groups.get(id)?.retiring !== false && !fleet?.routes.has(id)) return
  const refused = new Set(scene.journal.flatMap((event) => (event.type === 'command.refused' ? [event.id] : [])))
  const reasons = scene.journal.filter(
    (event) => event.type === 'command.intended' && refused.has(event.id) && removes(event.command, id),
  )
  if (reasons.length > 0) findings.excused('I7', `${id} is left behind: the cloud refused ${reasons.length} times to remove it`)
  else findings.broken('I7', `${id} is left behind, and nobody refused to remove it`)
}

function removes(command: Command, id: string): boolean {
  if (command.kind === 'retire') return command.group === id
  if (command.kind === 'release-route') return command.binding === id
  return command.kind === 'leave' && command.group === id
}

function releaseServes(scene: Scene, outcome: string, kept: ReadonlySet<string>, findings: Parameters<CheckerOf>[1]): void {
  const wanted =
    outcome === 'promoted'
      ? scene.plan.candidate.release.id
      : outcome === 'rolled-back'
        ? scene.plan.stable.release.id
        : undefined
  if (wanted === undefined) return
  for (const { id, partial, release, retiring } of fleetOf(scene)?.groups.values() ?? []) {
    if (retiring || kept.has(id) || scene.bystanders.includes(id)) continue
    if (release !== wanted) findings.broken('I7', `${id} launches ${release} after ${outcome}`)
    if (partial) findings.broken('I7', `${id} is made in part after ${outcome}`)
  }
}

/** I18: while a rollout is paused only growth and holds go out, and an updater is stopped. I22: whatever a person did has a name to it. */
export const peopleHeard: CheckerOf = (scene, findings) => ({
  atEnd() {
    let paused = false
    for (const event of scene.journal) {
      if (event.type === 'rollout.paused') paused = true
      if (event.type === 'rollout.resumed' || event.type === 'rollback.started' || event.type === 'rollout.aborting')
        paused = false
      if (paused && event.type === 'command.intended') {
        findings.met('I18')
        if (!allowedWhilePaused(scene, event.command)) findings.broken('I18', `${event.command.kind} was intended while paused`)
      }
      if (!['rollout.paused', 'rollout.resumed', 'gate.promoted', 'rollout.started'].includes(event.type)) continue
      findings.met('I22')
      if (!('by' in event) || event.by === '') findings.broken('I22', `${event.type} does not say who`)
    }
  },
})

/** Growth and holds, the end of an updater's work, and traffic back to stable, which needs nobody's word. */
function allowedWhilePaused({ plan }: Scene, command: Command): boolean {
  if (command.kind === 'hold' || command.kind === 'resize' || command.kind === 'stop-update') return true
  const candidate = plan.candidate.binding ?? ''
  return command.kind === 'set-weights' && (command.wanted[candidate] ?? 0) < (command.expected[candidate] ?? 0)
}
