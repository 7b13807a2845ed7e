import { resourceOf } from '../../../core/command.ts'
import { CALL_TIMEOUT_MS } from '../../../core/times.ts'
import type { RolloutEvent } from '../../../core/events.ts'
import type { CheckerOf, Findings, Scene } from './checker.ts'

/** A mark is good for an hour; renewed sooner than after this it is renewed for nothing. */
const SOON_MS = 1_200_000

/** I14: what is as it was said to be is not said, and what is held is not held again: a turn that changes nothing writes nothing. */
export const nothingTwice: CheckerOf = (scene, findings) => ({
  atEnd() {
    const said = new Map<string, string>()
    for (const event of scene.journal) {
      if (START_ANEW.has(event.type)) said.delete('readiness')
      // What was done after all may be refused again.
      if (event.type === 'command.intended') said.delete(resourceOf(event.command))
      const [about, what] = saying(event) ?? []
      if (about === undefined || what === undefined) continue
      findings.met('I14')
      if (said.get(about) === what) findings.broken('I14', `${event.type} (${event.seq}) says again what was said of ${about}`)
      said.set(about, what)
    }
    claimedOnce(scene, findings)
  },
})

const START_ANEW: ReadonlySet<RolloutEvent['type']> = new Set([
  'waypoint.entered',
  'waypoint.reached',
  'rollout.resumed',
  'rollback.started',
  'rollout.aborting',
  'salvage.started',
])

/** What an event tells the state of, and that state. */
function saying(event: RolloutEvent): readonly [about: string, what: string] | undefined {
  switch (event.type) {
    case 'traffic.shifted':
    case 'traffic.disturbed':
      return ['traffic', Object.entries(event.units).flatMap(carrying).toSorted().join(', ')]
    case 'guard.refused':
      return [event.resource, event.why]
    case 'demand.raised':
      return ['demand', String(event.demand)]
    case 'waypoint.ready':
    case 'waypoint.unready':
      return ['readiness', event.type]
    default:
      return undefined
  }
}

function carrying([binding, units]: readonly [string, number]): readonly string[] {
  return units > 0 ? [`${binding} ${units}`] : []
}

/**
 * Of claims: a minimum is raised again whenever an autoscaler has spoken. One of which nobody knew whether it would land
 * may be read back late.
 */
function claimedOnce(scene: Scene, findings: Findings): void {
  const claimed = new Map<string, { readonly id: string; readonly at: number; landed: boolean }>()
  const lateMs = CALL_TIMEOUT_MS + scene.plan.restsOn.provider.lateCallHorizonMs + scene.plan.restsOn.provider.settleMs
  let quietFrom = 0
  for (const event of scene.journal) {
    if (event.type === 'holds.lost') claimed.clear()
    if (event.type === 'command.unknown') for (const [group, one] of claimed) if (one.id === event.id) claimed.delete(group)
    if (event.type === 'command.landed') for (const one of claimed.values()) if (one.id === event.id) one.landed = true
    if (event.type !== 'command.intended') continue
    const { command } = event
    // A mark of a rollout whose store was lost may have the same owner's name: its release may land once more, and late.
    if (command.kind === 'release' && command.owner !== undefined) quietFrom = event.at + lateMs
    if (command.kind === 'release') claimed.delete(command.group)
    if (command.kind !== 'hold' || command.hold !== 'claim') continue
    const { group } = command
    const before = claimed.get(group)
    // By a clock that jumped, a look that lags is believed too soon.
    const misdated = scene.clockJumpedMs() > 0 && before !== undefined && event.at - before.at < lateMs + scene.clockJumpedMs()
    if ((before?.at ?? event.at) < quietFrom || misdated) claimed.delete(group)
    else if (before?.landed === true && before.id !== event.id && event.at - before.at < SOON_MS - scene.clockJumpedMs())
      findings.broken('I14', `${event.id} claims ${group} again ${event.at - before.at} ms after ${before.id}`)
    claimed.set(group, { id: event.id, at: event.at, landed: false })
  }
}
