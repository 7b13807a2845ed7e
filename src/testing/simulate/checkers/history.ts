import { resourceOf } from '../../../core/command.ts'
import type { Command } from '../../../core/command.ts'
import { fold, foldAll } from '../../../core/fold/index.ts'
import { canonical } from '../../../core/json.ts'
import type { RolloutState } from '../../../core/state.ts'
import { byCall, fleetOf, type CheckerOf, type Findings, type Scene } from './checker.ts'

/** I5: after a rollback has begun, no new intent raises the candidate's weight. */
export const neverForwardAgain: CheckerOf = (scene, findings) => ({
  atEnd() {
    let back = false
    const candidate = scene.plan.candidate.binding ?? ''
    if (candidate === (scene.plan.stable.binding ?? '')) return
    for (const event of scene.journal) {
      if (event.type === 'rollback.started' || event.type === 'rollout.aborting') back = true
      if (event.type === 'salvage.started') back = false
      if (!back || event.type !== 'command.intended' || event.command.kind !== 'set-weights') continue
      findings.met('I5')
      if ((event.command.wanted[candidate] ?? 0) > (event.command.expected[candidate] ?? 0))
        findings.broken('I5', `${event.id} raises the candidate's weight on the way back`)
    }
  },
})

/** I6: a generation with a journaled intent to retire never gets traffic again. */
export const poisonHolds: CheckerOf = (scene, findings) => {
  const poisoned = new Map<string, number>()
  let read = 0
  return {
    onInstant() {
      for (; read < scene.journal.length; read++) {
        const event = scene.journal[read]
        const binding = event?.type === 'command.intended' ? condemned(scene, event.command) : undefined
        // A slot that was emptied is filled by another generation.
        if (event?.type === 'generation.created') poisoned.delete(bindingOf(scene, event.group) ?? '')
        if (binding !== undefined && !poisoned.has(binding))
          poisoned.set(binding, fleetOf(scene)?.routes.get(binding)?.inForce ?? 0)
      }
      if (poisoned.size === 0) return
      for (const [binding, before] of poisoned) {
        const now = fleetOf(scene)?.routes.get(binding)?.inForce ?? 0
        findings.met('I6')
        if (now > before && byCall(scene)) findings.broken('I6', `${binding} was to be retired and has weight ${now}`)
        poisoned.set(binding, now)
      }
    },
  }
}

/** The route that an intent wants never to carry traffic again: to remove it, or to take the whole of its own group out of it. */
function condemned({ plan }: Scene, command: Command): string | undefined {
  if (command.kind === 'release-route') return command.binding
  const own = plan.stable.binding !== plan.candidate.binding
  const whole = command.kind === 'leave' && (command.instances === 'all' || plan.fleet.placement.kind === 'slots')
  return whole && own ? command.binding : undefined
}

function bindingOf(scene: Scene, group: string): string | undefined {
  return [...(fleetOf(scene)?.routes.values() ?? [])].find((route) => route.groups.has(group))?.binding
}

/** I8: no group of clones changes what it launches. I9: nobody else's group is touched. */
export const othersUntouched: CheckerOf = (scene, findings) => {
  const launches = new Map<string, string>()
  let bystanders = describe(scene)
  return {
    atEnd: () => namesKept(scene, findings),
    onInstant() {
      if (scene.plan.fleet.placement.kind === 'clone') {
        for (const group of fleetOf(scene)?.groups.values() ?? []) {
          findings.met('I8')
          const before = launches.get(group.id)
          if (before !== undefined && before !== group.release)
            findings.broken('I8', `${group.id} launched ${before} and now ${group.release}`)
          launches.set(group.id, group.release)
        }
      }
      const now = describe(scene)
      if (!byCall(scene)) return void (bystanders = now)
      findings.met('I9')
      if (now !== bystanders) findings.broken('I9', `a call changed what is not ours: ${bystanders} is ${now}`)
    },
  }
}

/** A name stands for one release, also where the cloud would refuse to change what its group launches. */
function namesKept({ plan, journal }: Scene, findings: Findings): void {
  if (plan.fleet.placement.kind !== 'clone') return
  const named = new Map([[plan.stable.group, plan.stable.release.id]])
  for (const event of journal) {
    if (event.type !== 'command.intended' || event.command.kind !== 'ensure-group') continue
    const { group, release } = event.command
    findings.met('I8')
    if ((named.get(group) ?? release) !== release)
      findings.broken('I8', `${group} was made for ${named.get(group)} and was to launch ${release}`)
    named.set(group, release)
  }
}

function describe(scene: Scene): string {
  const groups = scene.bystanders.flatMap((id) => scene.truth.groups.get(id) ?? [])
  return groups
    .map(({ id, release, sizes, min, holds }) => `${id} ${release} ${JSON.stringify(sizes)} ${min} ${holds.length}`)
    .join('; ')
}

/** I11: one writer: epochs rise, sequences have no gap. I15: what has ended stays ended, waypoints only follow each other. */
export const journalInOrder: CheckerOf = (scene, findings) => ({
  atEnd() {
    let epoch = 0
    let index = -1
    let ended = false
    scene.journal.forEach((event, place) => {
      findings.met('I11')
      if (event.seq !== place + 1) findings.broken('I11', `event ${event.seq} stands at ${place + 1}`)
      if (event.epoch < epoch) findings.broken('I11', `event ${event.seq} is of epoch ${event.epoch}, after ${epoch}`)
      if (event.type === 'controller.took-over' && event.epoch !== epoch + 1)
        findings.broken('I11', `epoch ${event.epoch} follows ${epoch}`)
      epoch = event.epoch
      findings.met('I15')
      if (ended && event.type !== 'command.accepted') findings.broken('I15', `${event.type} after the end`)
      if (event.type === 'rollout.finished') ended = true
      if (event.type === 'rollback.started' || event.type === 'rollout.aborting' || event.type === 'salvage.started') index = -1
      if (event.type !== 'waypoint.entered') return
      if (event.index !== index + 1) findings.broken('I15', `waypoint ${event.index} follows ${index}`)
      index = event.index
    })
  },
})

/**
 * I12: no call without an intent that was stored before it, none by a process that could not read the journal, no answer without a
 * call, and no two calls of one turn about one thing.
 */
export const intentsFirst: CheckerOf = (scene, findings) => ({
  atEnd() {
    const intended = new Map<string, number>()
    const made = new Set<string>()
    const changed = new Map<string, string>()
    scene.journal.forEach((event, index) => {
      if (event.type !== 'command.intended') return
      const storedAt = scene.storedAt[index] ?? Infinity
      if (!intended.has(event.id)) intended.set(event.id, storedAt)
      const turn = `${event.epoch} ${event.at} ${storedAt}`
      const resource = resourceOf(event.command)
      if (changed.get(resource) === turn) findings.broken('I12', `${event.id} changes ${resource} a second time in one turn`)
      changed.set(resource, turn)
    })
    for (const call of scene.calls) {
      // What a controller of a store that was lost had under way has its intents there.
      if (!call.token.includes(`/${scene.plan.id}/`)) continue
      findings.met('I12')
      if (call.blind) findings.broken('I12', `${call.name} (${call.token}) was made by a process that cannot read the journal`)
      const id = call.token.slice(call.token.lastIndexOf('/') + 1)
      const at = intended.get(id)
      if (at === undefined || at > call.at) findings.broken('I12', `${call.name} (${call.token}) was made without an intent`)
      made.add(id)
    }
    for (const event of scene.journal)
      if ((event.type === 'command.accepted' || event.type === 'command.refused') && !made.has(event.id))
        findings.broken('I12', `${event.type} (${event.seq}) is about ${event.id}, for which no call was made`)
  },
})

/** I13: the journal alone gives the state: folded one by one, and stored and read in the middle, or all together. */
export const replays: CheckerOf = ({ journal }, findings) => ({
  atEnd() {
    const middle = Math.floor(journal.length / 2)
    let state: RolloutState | undefined
    for (const [place, event] of journal.entries()) {
      if (place === middle && state !== undefined) state = JSON.parse(JSON.stringify(state)) as RolloutState
      state = fold(state, event)
    }
    findings.met('I13')
    // A controller folds what it writes at once, and what it reads one by one.
    if (canonical(state) !== canonical(foldAll(undefined, journal)))
      findings.broken('I13', 'events that are folded one by one, and stored in between, give another state than all together')
  },
})

/** I16: promoted only by gates that opened, each for its own reason, or by a person who is named. */
export const promotedForReasons: CheckerOf = (scene, findings) => ({
  atEnd() {
    const end = scene.journal.find((event) => event.type === 'rollout.finished')
    if (end?.outcome !== 'promoted') return
    const promoted = scene.journal.some((event) => event.type === 'gate.promoted')
    for (const waypoint of scene.plan.waypoints) {
      for (const gate of waypoint.gates) {
        findings.met('I16')
        const opened = scene.journal.some(
          (event) => event.type === 'gate.opened' && event.gate === gate.id && event.waypoint === waypoint.id,
        )
        if (!opened && !promoted) findings.broken('I16', `${waypoint.id} was left though ${gate.id} never opened`)
        if ('forMs' in gate) heldLongEnough(scene, gate.id, waypoint.id, gate.forMs, findings)
        if (gate.kind !== 'analysis' || promoted) continue
        const passes = scene.journal.filter(
          (event) => event.type === 'measurement.taken' && event.waypoint === waypoint.id && event.verdict === 'pass',
        )
        if (passes.length < gate.count)
          findings.broken('I16', `${waypoint.id} was left after ${passes.length} of ${gate.count} passes`)
      }
    }
  },
})

/** A gate that asks for time has held for it, by the clock of the journal, since it last began to hold. */
function heldLongEnough(scene: Scene, gate: string, waypoint: string, forMs: number, findings: Findings): void {
  let holdingAt = Infinity
  for (const event of scene.journal) {
    // Paused time is no part of it; who paused and resumed is seen by others.
    if (event.type === 'rollout.paused') return
    if (!('gate' in event) || event.gate !== gate || !('waypoint' in event) || event.waypoint !== waypoint) continue
    if (event.type === 'gate.holding') holdingAt = event.at
    if (event.type === 'gate.opened' && event.at - holdingAt < forMs)
      findings.broken('I16', `${gate} of ${waypoint} opened ${event.at - holdingAt} ms after it began to hold, not ${forMs}`)
  }
}
