import { fleetOf, type CheckerOf } from './checker.ts'

/**
 * I23: the cloud's own updater is set to work only for a waypoint that is its work, towards the candidate, while nobody has paused the
 * rollout and nothing has turned it back; and it rests when the rollout has ended.
 */
export const updaterLed: CheckerOf = (scene, findings) => ({
  atEnd() {
    const { waypoints, candidate } = scene.plan
    const natively = new Set(waypoints.flatMap(({ id, agency }) => (agency === 'native' ? [id] : [])))
    let [turned, paused] = [false, false]
    for (const event of scene.journal) {
      if (event.type === 'rollback.started' || event.type === 'rollout.aborting') turned = true
      if (event.type === 'rollout.paused') paused = true
      if (event.type === 'rollout.resumed') paused = false
      if (event.type !== 'command.intended' || event.command.kind !== 'update') continue
      findings.met('I23')
      const { release } = event.command
      if (turned || paused)
        findings.broken('I23', `${event.id} sets the updater to work ${turned ? 'on the way back' : 'while paused'}`)
      if (!natively.has(event.waypoint)) findings.broken('I23', `${event.id} sets the updater to work at ${event.waypoint}`)
      if (release !== candidate.release.id) findings.broken('I23', `${event.id} sets the updater to work towards ${release}`)
    }
    if (natively.size === 0 || scene.journal.at(-1)?.type !== 'rollout.finished') return
    for (const { id, update } of fleetOf(scene)?.groups.values() ?? [])
      if (update !== undefined && update.state !== 'ended')
        findings.broken('I23', `the updater of ${id} is ${update.state} at the end`)
  },
})
