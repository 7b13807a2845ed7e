import { networkId, type Account, type Body } from './account.ts'
import type { Begun, Conditions } from './begin.ts'
import { addressId, cardsIn } from './cards.ts'
import { Fault } from './fault.ts'
import { aim, balancerAt, checkWrite, poolId, putPools, stateOf, written } from './network.ts'

const KIND = 'applicationGateways'
/** The rule that goes by paths, whose name is also that of its map. */
const BY_PATHS = 'paths'

/** An application gateway, with all that it consists of. A rule `paths`, and `paths/…`, are one that goes by paths, and its map. */
export function gatewayBody(account: Account, name: string): Body {
  const { etag, tags, pools, rules } = balancerAt(account, name, KIND)
  const place = networkId(account, `${KIND}/${name}`)
  const provisioningState = stateOf(account, name)
  const part = (kind: string, one: string, properties: Body) => ({
    name: one,
    id: `${place}/${kind}/${one}`,
    etag: `W/"${etag}"`,
    properties: { provisioningState, ...properties },
  })
  const to = (pool: string) => ({ id: poolId(account, name, pool) })
  const settings = { id: `${place}/backendHttpSettingsCollection/http` }
  const basic = [...rules].filter(([rule]) => rule.split('/')[0] !== BY_PATHS)
  const byDefault = rules.get(BY_PATHS)
  const paths = [...rules].flatMap(([rule, pool]) =>
    rule.startsWith(`${BY_PATHS}/`) ? [[rule.split('/')[1] ?? '', pool] as const] : [],
  )
  const map = `${place}/urlPathMaps/${BY_PATHS}`
  return {
    name,
    id: place,
    etag: `W/"${etag}"`,
    type: `Microsoft.Network/${KIND}`,
    location: account.location,
    tags,
    properties: {
      provisioningState,
      operationalState: 'Running',
      sku: { name: 'Standard_v2', tier: 'Standard_v2', family: 'Generation_1' },
      // What no client that is made from a description of before knows of.
      entraJWTValidationConfigs: [],
      backendAddressPools: [...pools.keys()].map((pool) =>
        part('backendAddressPools', pool, {
          backendAddresses: [],
          backendIPConfigurations: cardsIn(account, poolId(account, name, pool)).map((one) => ({ id: addressId(one) })),
        }),
      ),
      gatewayIPConfigurations: [
        part('gatewayIPConfigurations', 'here', { subnet: { id: networkId(account, 'virtualNetworks/shop/subnets/gateways') } }),
      ],
      frontendIPConfigurations: [
        part('frontendIPConfigurations', 'front', { publicIPAddress: { id: networkId(account, 'publicIPAddresses/web') } }),
      ],
      backendHttpSettingsCollection: [
        part('backendHttpSettingsCollection', 'http', {
          port: 80,
          protocol: 'Http',
          connectionDraining: { enabled: true, drainTimeoutInSec: 30 },
        }),
      ],
      requestRoutingRules: [
        ...basic.map(([rule, pool], index) =>
          part('requestRoutingRules', rule, {
            ruleType: 'Basic',
            priority: 10 + index,
            backendAddressPool: to(pool),
            backendHttpSettings: settings,
          }),
        ),
        ...(byDefault === undefined
          ? []
          : [part('requestRoutingRules', BY_PATHS, { ruleType: 'PathBasedRouting', priority: 5, urlPathMap: { id: map } })]),
        part('requestRoutingRules', 'to-https', {
          ruleType: 'Basic',
          priority: 1,
          redirectConfiguration: { id: `${place}/r/1` },
        }),
      ],
      urlPathMaps:
        byDefault === undefined
          ? []
          : [
              part('urlPathMaps', BY_PATHS, {
                defaultBackendAddressPool: to(byDefault),
                defaultBackendHttpSettings: settings,
                pathRules: paths.map(([rule, pool]) =>
                  part(`urlPathMaps/${BY_PATHS}/pathRules`, rule, {
                    paths: [`/${rule}/*`],
                    backendAddressPool: to(pool),
                    backendHttpSettings: settings,
                  }),
                ),
              }),
            ],
    },
  }
}

/** Writes a gateway whole; it goes by what it went by before until it has been updated. */
export function putGateway(account: Account, name: string, body: Body, { ifMatch }: Conditions): Begun {
  const gateway = balancerAt(account, name, KIND)
  const properties = body['properties'] as GatewayProperties
  checkWrite(account, gateway, ifMatch)
  const { entraJWTValidationConfigs: tokens, sku, gatewayIPConfigurations: places, frontendIPConfigurations: fronts } = properties
  if ([tokens, sku, places, fronts].includes(undefined))
    throw new Fault(400, 'InvalidRequestFormat', `The gateway ${name} has lost what it was sent with.`)
  putPools(account, name, gateway, properties.backendAddressPools)
  for (const { name: rule, properties: one } of properties.requestRoutingRules)
    if (one.backendAddressPool !== undefined) aim(gateway, rule, one.backendAddressPool)
  for (const map of properties.urlPathMaps) {
    aim(gateway, map.name, map.properties.defaultBackendAddressPool)
    for (const { name: rule, properties: one } of map.properties.pathRules)
      if (one.backendAddressPool !== undefined) aim(gateway, `${map.name}/${rule}`, one.backendAddressPool)
  }
  gateway.tags = (body['tags'] ?? {}) as Record<string, string>
  return written(account, gateway, () => gatewayBody(account, name))
}

interface Sent {
  readonly name: string
  readonly properties: { readonly backendAddressPool?: { readonly id: string } }
}

interface GatewayProperties {
  readonly sku?: Body
  readonly entraJWTValidationConfigs?: readonly Body[]
  readonly gatewayIPConfigurations?: readonly Body[]
  readonly frontendIPConfigurations?: readonly Body[]
  readonly backendAddressPools: readonly { readonly name: string }[]
  readonly requestRoutingRules: readonly Sent[]
  readonly urlPathMaps: readonly {
    readonly name: string
    readonly properties: { readonly defaultBackendAddressPool: { readonly id: string }; readonly pathRules: readonly Sent[] }
  }[]
}
