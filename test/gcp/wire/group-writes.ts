import { converge } from './converge.ts'
import { alreadyThere, Fault, inUse, notFound } from './fault.ts'
import { leaving } from './leaving.ts'
import { checkPrint, groupPrint } from './fingerprint.ts'
import type { AutoscalerRecord, GroupRecord, Json, Project, TemplateRecord, VersionRecord } from './project.ts'
import { checkPolicy, updated } from './policy.ts'
import { pathFrom, write, type Operation } from './writing.ts'

/** The methods that change templates, groups and autoscalers. */
export const groupWrites: readonly Operation[] = [
  ...(['global', 'regions/{region}'] as const).flatMap(ofTemplates),
  ...ofGroups('zones/{zone}', 'instanceGroupManagers'),
  ...ofGroups('regions/{region}', 'regionInstanceGroupManagers'),
  ...ofScalers('zones/{zone}', 'autoscalers'),
  ...ofScalers('regions/{region}', 'regionAutoscalers'),
]

function ofTemplates(scope: 'global' | 'regions/{region}'): Operation[] {
  const service = scope === 'global' ? 'instanceTemplates' : 'regionInstanceTemplates'
  const all = `${scope}/instanceTemplates`
  return [
    write(`${service}.insert`, 'POST', all, (project, { path, body }) => {
      const { name, description, properties } = body as { name: string; description?: string; properties: Json }
      const own = `${path}/${name}`
      return {
        check: () => void (project.templates.has(own) && fail(alreadyThere(own))),
        carryOut() {
          const told = description === undefined ? {} : { description }
          const made: TemplateRecord = { id: project.newId(), path: own, name, createdAt: project.world.now, properties, ...told }
          project.templates.set(own, made)
        },
      }
    }),
    write(`${service}.delete`, 'DELETE', `${all}/{instanceTemplate}`, (project, { path }) => ({
      check() {
        if (!project.templates.has(path)) throw notFound(path)
        const user = [...project.groups.values()].find((one) => one.versions.some(({ template }) => template === path))
        if (user !== undefined) throw inUse(path, user.path)
      },
      carryOut: () => void project.templates.delete(path),
    })),
  ]
}

function ofGroups(scope: string, managers: string): Operation[] {
  const all = `${scope}/instanceGroupManagers`
  const one = `${all}/{instanceGroupManager}`
  return [
    write(`${managers}.insert`, 'POST', all, (project, { path, body }) => insertGroup(project, path, body)),
    write(`${managers}.patch`, 'PATCH', one, (project, { path, body }) => patchGroup(project, path, body)),
    write(`${managers}.delete`, 'DELETE', one, (project, { path }) => deleteGroup(project, path)),
    write(`${managers}.deleteInstances`, 'POST', `${one}/deleteInstances`, (project, { path, body }) =>
      deleteInstances(project, path.replace(/\/\w+$/, ''), body),
    ),
  ]
}

function insertGroup(project: Project, parent: string, body: Json) {
  const { name, versions, targetSize, baseInstanceName, description, ...more } = body as Json & {
    name: string
    versions: readonly Json[]
    targetSize: number
    baseInstanceName: string
    description?: string
  }
  const path = `${parent}/${name}`
  const records = versions.map((one) => versionOf(project, one))
  const check = () => {
    if (project.groups.has(path)) throw alreadyThere(path)
    for (const { template } of records) if (!project.templates.has(template)) throw notFound(template)
    checkPolicy(made(''))
  }
  const { updatePolicy, autoHealingPolicies, distributionPolicy, listManagedInstancesResults, ...rest } = more as Record<
    string,
    never
  >
  const made = (id: string): GroupRecord => {
    const group: GroupRecord = {
      id,
      name,
      path,
      createdAt: project.world.now,
      baseInstanceName,
      zones: zonesOf(project, path, distributionPolicy),
      versions: records,
      targetSize,
      healthChecked: autoHealingPolicies !== undefined,
      updateType: 'OPPORTUNISTIC',
      replacementMethod: 'SUBSTITUTE',
      stateful: false,
      paginated: listManagedInstancesResults === 'PAGINATED',
      ...(description === undefined ? {} : { description }),
      more: rest,
      instances: new Map(),
      errors: [],
    }
    return Object.assign(group, updated(group, updatePolicy))
  }
  const carryOut = () => {
    const group = made(project.newId())
    project.groups.set(path, group)
    converge(project, group)
  }
  return { check, carryOut }
}

function zonesOf({ world, region }: Project, path: string, policy: { readonly zones?: readonly Json[] } | undefined): string[] {
  const [kind, location = ''] = path.split('/')
  const named = (policy?.zones ?? []).map((one) => String(one['zone']).split('/').at(-1))
  return world.zones.filter((zone) => (kind === 'zones' ? `${region}-${zone}` === location : named.includes(`${region}-${zone}`)))
}

function versionOf(project: Project, version: Json): VersionRecord {
  const { name, instanceTemplate, targetSize } = version as { name?: string; instanceTemplate: string; targetSize?: object }
  return {
    template: pathFrom(project, instanceTemplate),
    ...(name === undefined ? {} : { name }),
    ...targetSize,
  }
}

function patchGroup(project: Project, path: string, body: Json) {
  const { fingerprint: read, targetSize, versions, description, updatePolicy } = body as Json & { versions?: readonly Json[] }
  const found = () => groupAt(project, path)
  const check = () => {
    const group = found()
    if (group.deleting === true) throw new Fault(400, 'resourceNotReady', `The resource '${path}' is not ready`)
    if (read !== undefined) checkPrint(read, groupPrint(group))
    if (typeof targetSize === 'number' && targetSize < 0) throw new Fault(400, 'invalid', 'Invalid value for field targetSize.')
    const asked = { ...group, ...updated(group, updatePolicy as Json | undefined), ...written(project, body) }
    checkPolicy(asked, (updatePolicy ?? {}) as Json)
    if (typeof description === 'string' && description.length > 2_048)
      throw new Fault(400, 'invalid', "Invalid value for field 'resource.description': too long.")
  }
  const carryOut = () => {
    const group = found()
    if (typeof description === 'string') group.description = description
    if (versions !== undefined) group.versions = versions.map((one) => versionOf(project, one))
    Object.assign(group, updated(group, updatePolicy as Json | undefined))
    if (typeof targetSize === 'number') group.targetSize = targetSize
    converge(project, group)
  }
  return { check, carryOut }
}

/** Versions and size that a patch asks for. */
function written(project: Project, { versions, targetSize }: Json & { readonly versions?: readonly Json[] }) {
  return {
    ...(versions === undefined ? {} : { versions: versions.map((one) => versionOf(project, one)) }),
    ...(typeof targetSize === 'number' ? { targetSize } : {}),
  }
}

/** Deletes a group that nothing names any more. */
export function deleteGroup(project: Project, path: string) {
  const check = () => {
    groupAt(project, path)
    const service = [...project.services.values()].find((one) => one.backends.has(path))
    if (service !== undefined) throw inUse(path, service.path)
    const scaler = [...project.autoscalers.values()].find((one) => one.target === path)
    if (scaler !== undefined) throw inUse(path, scaler.path)
  }
  const carryOut = () => {
    const group = groupAt(project, path)
    group.deleting = true
    group.targetSize = 0
    for (const one of group.instances.values()) leaving(project, group, one)
    // It is there until the last of them has gone.
    const end = () => {
      if (group.instances.size === 0) return void project.groups.delete(path)
      project.world.schedule(project.world.now + 1_000, end)
    }
    end()
    return () => project.groups.get(path) !== group
  }
  return { check, carryOut }
}

function deleteInstances(project: Project, path: string, body: Json) {
  const { instances, skipInstancesOnValidationError: skips = false } = body as {
    instances: string[]
    skipInstancesOnValidationError?: boolean
  }
  const names = instances.map((one) => one.split('/').at(-1)!)
  const present = () =>
    names.flatMap((name) => groupAt(project, path).instances.get(name) ?? []).filter((one) => one.action !== 'DELETING')
  const check = () => {
    if (present().length === names.length || skips) return
    throw new Fault(400, 'invalid', `Invalid value for field 'instances': not all of ${names.join(', ')} are members.`)
  }
  const carryOut = () => {
    const group = groupAt(project, path)
    const going = present()
    group.targetSize -= going.length
    for (const one of going) leaving(project, group, one)
  }
  return { check, carryOut }
}

function ofScalers(scope: string, scalers: string): Operation[] {
  const all = `${scope}/autoscalers`
  return [
    write(`${scalers}.insert`, 'POST', all, (project, { path, body }) => {
      const { name, target, autoscalingPolicy } = body as { name: string; target: string; autoscalingPolicy: Json }
      const own = `${path}/${name}`
      const of = pathFrom(project, target)
      return {
        check() {
          groupAt(project, of)
          if (project.autoscalers.has(own)) throw alreadyThere(own)
        },
        carryOut() {
          const made: AutoscalerRecord = {
            id: project.newId(),
            name,
            path: own,
            target: of,
            ...boundsOf(autoscalingPolicy),
            policy: autoscalingPolicy,
          }
          project.autoscalers.set(own, made)
          atLeast(project, made)
        },
      }
    }),
    write(`${scalers}.patch`, 'PATCH', all, (project, { path, input, body }) => {
      const own = `${path}/${input['autoscaler'] ?? ''}`
      const found = () => project.autoscalers.get(own) ?? fail(notFound(own))
      const bounds = () => ({ ...found(), ...boundsOf((body['autoscalingPolicy'] ?? {}) as Json) })
      return {
        check() {
          const { min, max } = bounds()
          if (min > max) throw new Fault(400, 'invalid', 'minNumReplicas must not be greater than maxNumReplicas.')
        },
        carryOut() {
          atLeast(project, Object.assign(found(), bounds()))
        },
      }
    }),
    write(`${scalers}.delete`, 'DELETE', `${all}/{autoscaler}`, (project, { path }) => ({
      check: () => void (project.autoscalers.has(path) || fail(notFound(path))),
      carryOut: () => void project.autoscalers.delete(path),
    })),
  ]
}

function boundsOf({ minNumReplicas: min, maxNumReplicas: max, mode }: Json): { min: number; max: number; mode: string } {
  const told = {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(mode === undefined ? {} : { mode }),
  }
  return told as { min: number; max: number; mode: string }
}

/** An autoscaler that works makes its group as large as its minimum. */
function atLeast(project: Project, { target, min, mode }: AutoscalerRecord): void {
  const group = project.groups.get(target)
  if (group === undefined || mode === 'OFF' || group.deleting === true || group.targetSize >= min) return
  group.targetSize = min
  converge(project, group)
}

function groupAt(project: Project, path: string): GroupRecord {
  return project.groups.get(path) ?? fail(notFound(path))
}

function fail(fault: Fault): never {
  throw fault
}
