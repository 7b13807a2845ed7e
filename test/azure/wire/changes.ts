import { putSetting, settingBody } from './autoscale.ts'
import { operationBody } from './begin.ts'
import { notFound } from './fault.ts'
import { cardBody, putCard } from './cards.ts'
import { originBodies, originGroupBody, patchEndpoint, patchOrigin, profileBody } from './endpoints.ts'
import { gatewayBody, putGateway } from './gateways.ts'
import { memberAt, putMember } from './members.ts'
import { balancerBody, poolBody, putBalancer, putPool } from './network.ts'
import type { Account, BalancerKind } from './account.ts'
import { COMPUTE, of, setAt, type Operation } from './operation.ts'
import { uniformBody } from './outputs.ts'
import { deleteInstances, deleteSet, patchSet, putSet } from './set-changes.ts'
import { cancelUpgrade, startOsUpgrade } from './upgrades.ts'

const [NETWORK, INSIGHTS] = ['2026-01-01', '2022-10-01']
const SET = '/virtualMachineScaleSets/(?<set>[^/]+)'
const BALANCER = '/loadBalancers/(?<balancer>[^/]+)'
const POOL = `${BALANCER}/backendAddressPools/(?<pool>[^/]+)`
const GATEWAY = '/applicationGateways/(?<gateway>[^/]+)'
const PROFILE = '/trafficManagerProfiles/(?<profile>[^/]+)'
const [CDN, ORIGINS] = ['2024-02-01', '/profiles/(?<profile>[^/]+)/originGroups/(?<origins>[^/]+)']
const CARD = '/networkInterfaces/(?<card>[^/]+)'
const MEMBER = `${SET}/virtualMachines/(?<member>[^/]+)`
const SETTINGS = '/autoscalesettings'

/** What changes scale sets, and what belongs to them in other services. */
export const changes: Readonly<Record<string, Operation>> = {
  'virtualMachineScaleSets.createOrUpdate': of('Compute', SET, COMPUTE, 'PUT', (account, { at, body, conditions }) =>
    putSet(account, at['set'] ?? '', body, conditions),
  ),
  'virtualMachineScaleSets.update': of('Compute', SET, COMPUTE, 'PATCH', (account, { at, body, conditions }) =>
    patchSet(account, setAt(account, at), body, conditions),
  ),
  'virtualMachineScaleSets.delete': of('Compute', SET, COMPUTE, 'DELETE', (account, { at }) =>
    deleteSet(account, setAt(account, at)),
  ),
  'virtualMachineScaleSets.deleteInstances': of('Compute', `${SET}/delete`, COMPUTE, 'POST', (account, { at, body }) =>
    deleteInstances(account, setAt(account, at), body['instanceIds'] as string[]),
  ),
  'virtualMachineScaleSetRollingUpgrades.cancel': of(
    'Compute',
    `${SET}/rollingUpgrades/cancel`,
    COMPUTE,
    'POST',
    (account, { at }) => cancelUpgrade(account, setAt(account, at)),
  ),
  'virtualMachineScaleSetRollingUpgrades.startOSUpgrade': of(
    'Compute',
    `${SET}/osRollingUpgrade`,
    COMPUTE,
    'POST',
    (account, { at }) => startOsUpgrade(account, setAt(account, at)),
  ),
  'virtualMachineScaleSetVMs.get': of('Compute', MEMBER, COMPUTE, 'GET', (account, { at }) => {
    const set = setAt(account, at)
    return uniformBody(account, set, memberAt(account, set, at['member'] ?? ''))
  }),
  'virtualMachineScaleSetVMs.update': of('Compute', MEMBER, COMPUTE, 'PUT', (account, { at, body, conditions }) =>
    putMember(account, setAt(account, at), at['member'] ?? '', body, conditions),
  ),
  'operations.get': of('(?:Compute|Network)', '/locations/[^/]+/operations/(?<id>[^/]+)', COMPUTE, 'GET', (account, { at }) => {
    const body = operationBody(account, at['id'] ?? '')
    if (body === undefined) throw notFound('Microsoft.Compute/locations/operations', at['id'] ?? '', '')
    return body
  }),
  'loadBalancers.list': of('Network', '/loadBalancers', NETWORK, 'GET', (account) => ({
    pages: namesOf(account, 'loadBalancers').map((name) => balancerBody(account, name)),
  })),
  'loadBalancers.get': of('Network', BALANCER, NETWORK, 'GET', (account, { at }) => balancerBody(account, at['balancer'] ?? '')),
  'loadBalancers.createOrUpdate': of('Network', BALANCER, NETWORK, 'PUT', (account, { at, body, conditions }) =>
    putBalancer(account, at['balancer'] ?? '', body, conditions),
  ),
  'loadBalancerBackendAddressPools.get': of('Network', POOL, NETWORK, 'GET', (account, { at }) =>
    poolBody(account, at['balancer'] ?? '', at['pool'] ?? ''),
  ),
  'loadBalancerBackendAddressPools.createOrUpdate': of('Network', POOL, NETWORK, 'PUT', (account, { at, body, conditions }) =>
    putPool(account, at['balancer'] ?? '', at['pool'] ?? '', body, conditions),
  ),
  'applicationGateways.list': of('Network', '/applicationGateways', NETWORK, 'GET', (account) => ({
    pages: namesOf(account, 'applicationGateways').map((name) => gatewayBody(account, name)),
  })),
  'applicationGateways.get': of('Network', GATEWAY, NETWORK, 'GET', (account, { at }) =>
    gatewayBody(account, at['gateway'] ?? ''),
  ),
  'applicationGateways.createOrUpdate': of('Network', GATEWAY, NETWORK, 'PUT', (account, { at, body, conditions }) =>
    putGateway(account, at['gateway'] ?? '', body, conditions),
  ),
  'profiles.get': of('Network', PROFILE, '2022-04-01', 'GET', (account, { at }) => profileBody(account, at['profile'] ?? '')),
  'endpoints.update': of('Network', `${PROFILE}/azureEndpoints/(?<name>[^/]+)`, '2022-04-01', 'PATCH', (account, { at, body }) =>
    patchEndpoint(account, at['profile'] ?? '', at['name'] ?? '', body),
  ),
  'afdOriginGroups.get': of('Cdn', ORIGINS, CDN, 'GET', (account, { at }) => originGroupBody(account, groupIn(at))),
  'afdOrigins.listByOriginGroup': of('Cdn', `${ORIGINS}/origins`, CDN, 'GET', (account, { at }) => ({
    pages: originBodies(account, groupIn(at)),
  })),
  'afdOrigins.update': of('Cdn', `${ORIGINS}/origins/(?<name>[^/]+)`, CDN, 'PATCH', (account, { at, body }) =>
    patchOrigin(account, groupIn(at), at['name'] ?? '', body),
  ),
  'networkInterfaces.get': of('Network', CARD, NETWORK, 'GET', (account, { at }) => cardBody(account, at['card'] ?? '')),
  'networkInterfaces.createOrUpdate': of('Network', CARD, NETWORK, 'PUT', (account, { at, body, conditions }) =>
    putCard(account, at['card'] ?? '', body, conditions),
  ),
  'autoscaleSettings.listByResourceGroup': of('Insights', SETTINGS, INSIGHTS, 'GET', (account) => ({
    value: [...account.settings].map(([name, body]) => settingBody(account, name, body)),
  })),
  'autoscaleSettings.createOrUpdate': of('Insights', `${SETTINGS}/(?<name>[^/]+)`, INSIGHTS, 'PUT', (account, { at, body }) =>
    putSetting(account, at['name'] ?? '', body),
  ),
  'autoscaleSettings.delete': of('Insights', `${SETTINGS}/(?<name>[^/]+)`, INSIGHTS, 'DELETE', (account, { at }) => {
    account.settings.delete(at['name'] ?? '')
    return {}
  }),
}

function groupIn({ profile, origins }: Readonly<Record<string, string>>): string {
  return `${profile}/${origins}`
}

function namesOf({ balancers }: Account, kind: BalancerKind): string[] {
  return [...balancers].filter(([, one]) => one.kind === kind).map(([name]) => name)
}
