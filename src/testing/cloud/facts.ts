import type { Can, ProviderFacts, RouterFacts } from '../../core/snapshot.ts'
import type { CloudSettings } from './options.ts'

const YES: Can = Object.freeze({ can: true })

/** What the simulated provider can do. */
export function providerFacts(
  settings: CloudSettings,
  [shortestBootMs, longestBootMs]: readonly [number, number],
): ProviderFacts {
  return Object.freeze({
    clone: YES,
    slots: YES,
    inPlace: YES,
    native: YES,
    conditional: can(settings.conditional, 'this cloud takes no versions'),
    marksInGroup: settings.marksInGroup,
    autoscaled: settings.autoscaler !== undefined,
    settleMs: settings.settleMs,
    lateCallHorizonMs: settings.lateCallHorizonMs,
    autoscalerPeriodMs: settings.autoscaler?.periodMs ?? 0,
    readyDeadlineMs: settings.readyDeadlineMs,
    drainDeadlineMs: settings.drainDeadlineMs,
    usualBootMs: Math.round((shortestBootMs + longestBootMs) / 2),
    health: Object.freeze(['running']),
  })
}

/** What the simulated router can do. */
export function routerFacts(settings: CloudSettings): RouterFacts {
  const { router } = settings
  return Object.freeze({
    weights: can(router?.weights === true, 'this router has no weights', 'rolling'),
    units: router?.units ?? 0,
    shares: can(router?.shares !== false, 'this router sends all of the traffic one way', 'blue/green'),
    conditional: can(router?.conditional === true, 'this router takes no versions'),
    preview: can(router !== undefined && router.preview !== false, 'this router has no address for a route without weight'),
    settleMs: settings.settleMs,
    lateCallHorizonMs: settings.lateCallHorizonMs,
    propagationMs: router?.propagationMs ?? 0,
    drainDeadlineMs: Math.max(30_000, 2 * (router?.drainMs[1] ?? 0)),
    health: Object.freeze(['router']),
  })
}

function can(able: boolean, why: string, instead?: string): Can {
  return able ? YES : Object.freeze({ can: false, why, ...(instead === undefined ? {} : { instead }) })
}
