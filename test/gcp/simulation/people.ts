import type { PlayedCloud } from 'imago/testing'
import { editing } from '../../kit/playground/people.ts'
import { converge } from '../wire/converge.ts'
import { Fault, notFound } from '../wire/fault.ts'
import { deleteByHand } from '../fleet.ts'
import type { GroupRecord, Project } from '../wire/project.ts'
import { withWeights } from '../url-map.ts'

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
        project.urlMaps.set(path, withWeights(project, thousandths))
      }),
    join: (name) =>
      edit(`joins ${name}`, 15, () => {
        const [service] = project.services.values()
        service?.backends.set(groupNamed(project, name).path, 1)
      }),
    deleteGroup: (name) =>
      edit(`deletes ${name}`, 16, () => {
        deleteByHand(project, groupNamed(project, name))
      }),
  }
}

function groupNamed({ groups }: Project, name: string): GroupRecord {
  const group = [...groups.values()].find((one) => one.name === name && one.deleting !== true)
  if (group === undefined) throw notFound(name)
  return group
}
