import type { ArmBody } from '../sdk/arm.ts'
import type { BackendSetting } from '../sdk/resources.ts'
import type { Aim, BalancerKind, Named } from './balancer.ts'

/**
 * Rules of an application gateway. One that goes by paths is called by its name for whatever no path of it is meant for, and by
 * `map/rule` for one of its paths; what redirects, or chooses by headers, sends to no pool of its own.
 */
export const GATEWAY: BalancerKind = {
  resource: 'applicationGateways',
  words: 'application gateway',
  aims: ({ requestRoutingRules: rules, urlPathMaps = [] }) => {
    const maps = urlPathMaps as readonly PathMap[]
    const byRule = (rules as readonly Named[]).flatMap(({ name, properties }) => {
      const { urlPathMap: used } = properties as { readonly urlPathMap?: { readonly id: string } }
      const map = maps.find((one) => one.id.toLowerCase() === used?.id.toLowerCase())
      return map === undefined ? aim(name, properties, POOL) : aim(name, map.properties, 'defaultBackendAddressPool')
    })
    const byPath = maps.flatMap(({ name, properties: { pathRules = [] } }) =>
      pathRules.flatMap((one) => aim(`${name}/${one.name}`, one.properties, POOL)),
    )
    return [...byRule, ...byPath]
  },
}

const POOL = 'backendAddressPool'

interface PathMap extends Named {
  readonly id: string
  readonly properties: Named['properties'] & { readonly pathRules?: readonly Named[] }
}

function aim(rule: string, of: Record<string, unknown>, as: string): Aim[] {
  return of[as] === undefined ? [] : [{ rule, of, as }]
}

/** How long a gateway lets whoever leaves a pool finish: as its backend settings say, of which the most counts. */
export function drainMs({ backendHttpSettingsCollection: settings = [] }: ArmBody): number {
  const times = (settings as readonly BackendSetting[]).map(({ properties: { connectionDraining } }) => {
    const { enabled = false, drainTimeoutInSec: drains = 0 } = connectionDraining ?? {}
    return enabled ? drains * 1_000 : 0
  })
  return Math.max(0, ...times)
}
