import { alreadyThere, Fault, inUse, notFound } from './fault.ts'
import { checkPrint } from './fingerprint.ts'
import { servicePrint, urlMapOutput } from './balancer-outputs.ts'
import type { Json, Project, ServiceRecord } from './project.ts'
import type { Work } from './work.ts'
import { pathFrom, write, type Operation } from './writing.ts'

/** The methods that change backend services and URL maps. */
export const balancerWrites: readonly Operation[] = [
  ...ofServices('global', 'backendServices'),
  ...ofServices('regions/{region}', 'regionBackendServices'),
  ofMaps('global', 'urlMaps'),
  ofMaps('regions/{region}', 'regionUrlMaps'),
]

function ofServices(scope: string, services: string): Operation[] {
  const all = `${scope}/backendServices`
  const one = `${all}/{backendService}`
  return [
    write(`${services}.insert`, 'POST', all, (project, { path, body }) => {
      const {
        name,
        loadBalancingScheme: scheme,
        sessionAffinity: affinity = 'NONE',
        description,
      } = body as Record<string, string>
      const own = `${path}/${name}`
      return {
        check: () => void (project.services.has(own) && fail(alreadyThere(own))),
        carryOut() {
          const told = description === undefined ? {} : { description }
          const made: ServiceRecord = { name: name!, path: own, scheme: scheme!, affinity, ...told, backends: new Map() }
          project.services.set(own, made)
        },
      }
    }),
    write(`${services}.patch`, 'PATCH', one, writeService),
    // Whoever writes it whole leaves out what is to be empty.
    write(`${services}.update`, 'PUT', one, (project, { path, body }) =>
      writeService(project, { path, body: { backends: [], description: '', ...body } }),
    ),
    write(`${services}.delete`, 'DELETE', one, (project, { path }) => ({
      check() {
        if (!project.services.has(path)) throw notFound(path)
        const user = [...project.urlMaps].find(([, map]) => JSON.stringify(map).includes(`${path}"`))
        if (user !== undefined) throw inUse(path, user[0])
      },
      carryOut: () => void project.services.delete(path),
    })),
  ]
}

function writeService(project: Project, { path, body }: { readonly path: string; readonly body: Json }): Work {
  const found = () => project.services.get(path) ?? fail(notFound(path))
  const { fingerprint, backends, description } = body as Json & { backends?: readonly Json[] }
  const groups = (backends ?? []).map(
    ({ group, capacityScaler = 1 }) => [groupOf(project, String(group)), Number(capacityScaler)] as const,
  )
  return {
    check() {
      checkPrint(fingerprint, servicePrint(found()))
      for (const [group] of groups) if (!project.groups.has(group)) throw notFound(group)
      if (backends !== undefined) checkCapacities(groups)
    },
    carryOut() {
      const service = found()
      if (typeof description === 'string') service.description = description
      if (backends === undefined) return
      service.backends.clear()
      for (const [group, capacity] of groups) service.backends.set(group, capacity)
    },
  }
}

/** A backend has a tenth of its capacity at least, or none of it, and the only one has some. */
function checkCapacities(groups: readonly (readonly [string, number])[]): void {
  groups.forEach(([, capacity], at) => {
    const isAllowed = (capacity >= 0.1 && capacity <= 1) || (capacity === 0 && groups.length > 1)
    if (isAllowed) return
    const field = `resource.backends[${at}].capacityScaler`
    throw new Fault(400, 'invalid', `Invalid value for field '${field}': '${capacity}'.`)
  })
}

function ofMaps(scope: string, maps: string): Operation {
  return write(`${maps}.update`, 'PUT', `${scope}/urlMaps/{urlMap}`, (project, { path, body }) => ({
    check() {
      const map = project.urlMaps.get(path) ?? fail(notFound(path))
      checkPrint(body['fingerprint'], String(urlMapOutput(map)['fingerprint']))
      for (const problem of problemsOf(project, body)) throw new Fault(400, 'invalid', problem)
    },
    carryOut() {
      const { fingerprint: _old, ...map } = body
      project.urlMaps.set(path, map)
    },
  }))
}

/** What stands against a URL map: services that are not there, and an action that says two things at once. */
function problemsOf(project: Project, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const one = value as Readonly<Record<string, unknown>>
  const weighted = ['defaultRouteAction', 'routeAction'].some((name) => {
    const action = one[name] as { weightedBackendServices?: readonly unknown[] } | undefined
    return (action?.weightedBackendServices?.length ?? 0) > 0
  })
  const said = Object.entries(one).flatMap(([name, inner]) => {
    if (!/^(?:default|backend)?service$/i.test(name)) return problemsOf(project, inner)
    const path = pathFrom(project, String(inner))
    return project.services.has(path) ? [] : [`The resource '${path}' was not found`]
  })
  const both = weighted && (one['defaultService'] !== undefined || one['service'] !== undefined)
  return both ? ['Only one of defaultService and weightedBackendServices may be set.', ...said] : said
}

function groupOf(project: Project, url: string): string {
  return pathFrom(project, url).replace('instanceGroups', 'instanceGroupManagers')
}

function fail(fault: Fault): never {
  throw fault
}
