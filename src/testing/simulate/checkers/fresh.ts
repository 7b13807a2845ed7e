import { resourceOf } from '../../../core/command.ts'
import type { EventOf } from '../../../core/events.ts'
import type { CheckerOf } from './checker.ts'

/** An intent of which nobody has seen yet what became of it. */
interface Open {
  readonly intent: EventOf<'command.intended'>
  answeredAt?: number
}

/**
 * I19: no intent about something is based on a look that may not show the write before: that one was seen to land, was
 * refused, or was made so long ago that every look shows it.
 */
export const freshLooks: CheckerOf = (scene, findings) => ({
  atEnd() {
    const { provider, router } = scene.plan.restsOn
    const open = new Map<string, Open>()
    for (const event of scene.journal) {
      if (event.type === 'command.intended') {
        const resource = resourceOf(event.command)
        for (const [id, one] of open) {
          if (id === event.id || resourceOf(one.intent.command) !== resource) continue
          // Of one moment are of one look.
          if (one.intent.at === event.at) continue
          findings.met('I19')
          const settleMs = /^(weights|route|members)/.test(resource) ? (router?.settleMs ?? 0) : provider.settleMs
          if (event.at < (one.answeredAt ?? one.intent.at) + settleMs - scene.clockJumpedMs())
            findings.broken('I19', `${event.id} about ${resource} was intended before anybody could see what became of ${id}`)
        }
        open.set(event.id, { intent: event })
      }
      if (event.type === 'command.accepted') {
        const one = open.get(event.id)
        if (one !== undefined) one.answeredAt = event.at
      }
      // That it lapsed is what somebody concluded, perhaps too soon.
      if (event.type === 'command.landed' || event.type === 'command.refused' || event.type === 'command.withheld')
        open.delete(event.id)
    }
  },
})
