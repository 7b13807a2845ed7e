import type { GroupRecord, InstanceRecord, Project, ServiceRecord } from '../wire/project.ts'
import { weightsOf } from '../url-map.ts'

/** Backend services that send to a group. */
export function servicesOf({ services }: Project, { path }: GroupRecord): ServiceRecord[] {
  return [...services.values()].filter((one) => (one.backends.get(path) ?? 0) > 0)
}

/** Whether a backend service that sends to a group would send to this member of it. */
export function takesRequests(project: Project, { launched, health, action }: InstanceRecord): boolean {
  const state = launched === undefined ? undefined : project.world.machines.find(launched)?.state
  return state === 'healthy' && health === 'HEALTHY' && action !== 'DELETING'
}

/** Tells every machine whether it gets requests. */
export function carry(project: Project): void {
  const weights = weightsOf(project)
  for (const group of project.groups.values()) {
    const isSent = servicesOf(project, group).some(({ path }) => (weights.get(path) ?? 0) > 0)
    for (const one of group.instances.values())
      if (one.launched !== undefined) project.world.machines.load(one.launched, isSent && takesRequests(project, one))
  }
}
