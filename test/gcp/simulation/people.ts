import type { PlayedCloud } from 'imago/testing'
import { editing } from '../../kit/playground/people.ts'
import { converge } from '../wire/converge.ts'
import { Fault, notFound } from '../wire/fault.ts'
import { deleteGroup } from '../wire/group-writes.ts'
import { urlOf, type GroupRecord, type Project } from '../wire/project.ts'
import { mapWith } from './traffic.ts'

/** People with the project's console open; what Google Cloud refuses them they let be. */
export function createPeople(project: Project, count: (fault: number) => void): PlayedCloud['people'] {
  const edit = editing(project.world, count, (error) => error instanceof Fault)
  return {
    resize: (name, size) =>
      edit(`${name} shall have ${size}`, 15, () => {
        const group = groupNamed(project, name)
        group.targetSize = Math.max(0, size)
        converge(project, group)
      }),
    setWeights: (_fleet, weights) =>
      edit(`weights of the URL map: ${JSON.stringify(weights)}`, 15, () => {
        const [path] = project.urlMaps.keys()
        if (path === undefined) throw notFound('a URL map')
        // A person thinks in percent.
        const thousandths = Object.fromEntries(Object.entries(weights).map(([name, share]) => [name, share * 10]))
        project.urlMaps.set(
          path,
          mapWith(project, thousandths, (one) => urlOf(project, one)),
        )
      }),
    join: (name) =>
      edit(`joins ${name}`, 15, () => {
        const [service] = project.services.values()
        service?.backends.set(groupNamed(project, name).path, 1)
      }),
    deleteGroup: (name) =>
      edit(`deletes ${name}`, 16, () => {
        const group = groupNamed(project, name)
        // Compute deletes none that something still names.
        for (const { backends } of project.services.values()) backends.delete(group.path)
        for (const one of project.autoscalers.values()) if (one.target === group.path) project.autoscalers.delete(one.path)
        const { check, carryOut } = deleteGroup(project, group.path)
        check()
        carryOut()
      }),
  }
}

function groupNamed({ groups }: Project, name: string): GroupRecord {
  const group = [...groups.values()].find((one) => one.name === name && one.deleting !== true)
  if (group === undefined) throw notFound(name)
  return group
}
