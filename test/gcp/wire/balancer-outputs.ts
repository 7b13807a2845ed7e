import { print } from './fingerprint.ts'
import { groupUrl, instanceUrl, whereabouts } from './outputs.ts'
import { urlOf, type GroupRecord, type Json, type Project, type ServiceRecord } from './project.ts'

/** A backend service as `backendServices.get` answers. */
export function serviceOutput(project: Project, one: ServiceRecord): Json {
  return {
    kind: 'compute#backendService',
    name: one.name,
    ...whereabouts(project, one.path),
    selfLink: urlOf(project, one.path),
    fingerprint: servicePrint(one),
    ...(one.description === undefined ? {} : { description: one.description }),
    protocol: 'HTTP',
    portName: 'http',
    loadBalancingScheme: one.scheme,
    sessionAffinity: one.affinity,
    timeoutSec: 30,
    connectionDraining: { drainingTimeoutSec: 120 },
    healthChecks: [urlOf(project, one.path.replace(/backendServices\/.*/, 'healthChecks/web'))],
    backends: [...one.backends].map(([path, capacityScaler]) => ({
      group: groupUrl(project, path),
      balancingMode: 'UTILIZATION',
      capacityScaler,
    })),
  }
}

/** Changes with what people may write of a backend service. */
export function servicePrint({ description, backends }: ServiceRecord): string {
  return print([description, [...backends]])
}

/** A URL map as `urlMaps.get` answers. */
export function urlMapOutput(map: Json): Json {
  return { ...map, fingerprint: print({ ...map, fingerprint: undefined }) }
}

/** How a backend service sees a group's machines, as `backendServices.getHealth` answers. */
export function healthOutput(project: Project, group: GroupRecord): Json {
  const machines = [...group.instances.values()].filter((one) => one.machine !== undefined)
  return {
    kind: 'compute#backendServiceGroupHealth',
    healthStatus: machines.map((one) => ({
      instance: instanceUrl(project, one),
      ipAddress: one.machine?.address,
      port: 80,
      healthState: one.health === 'HEALTHY' ? 'HEALTHY' : 'UNHEALTHY',
    })),
  }
}
