import type { PlayedCloud } from 'imago/testing'
import { marksOf } from '../../../providers/gcp/marks.ts'
import type { FaultPlan } from '../../../src/testing/cloud/faults.ts'
import { BYSTANDERS } from '../../../src/testing/simulate/stage.ts'
import type { Scene } from '../../kit/playground/world-faults.ts'
import type { Project } from '../wire/project.ts'
import { weightsOf } from '../url-map.ts'

/** What can happen to a project. */
export function sceneOf(project: Project, faults: FaultPlan, people: PlayedCloud['people']): Scene {
  const { world } = project
  const ofTheFleet = () =>
    [...project.groups.values()].filter((one) => !BYSTANDERS.some((name) => name === one.name) && one.deleting !== true)
  return {
    world,
    faults,
    people,
    groups: () =>
      ofTheFleet().map(({ name, targetSize, instances }) => ({
        name,
        size: targetSize,
        machines: [...instances.values()].flatMap(({ launched }) => launched ?? []),
      })),
    isNew(name) {
      const group = [...project.groups.values()].find((one) => one.name === name)
      return marksOf({ description: group?.description ?? '' }).rollout !== undefined
    },
    routes: () => [...weightsOf(project).keys()].flatMap((path) => project.services.get(path)?.name ?? []),
    useUpQuota() {
      project.launchRefusal = { code: 'QUOTA_EXCEEDED', message: "Quota 'CPUS' exceeded. Limit: 24.0 in region europe-west1." }
      return () => void delete project.launchRefusal
    },
    expire() {
      project.isExpired = true
      return () => void (project.isExpired = false)
    },
    withdrawImageOf: (machine) => withdraw(project, world.machines.find(machine)?.image ?? ''),
  }
}

/** An image that is deleted is listed no more, and nothing is launched from it. */
function withdraw({ images, world }: Project, number: string): () => void {
  const image = [...images.values()].find((one) => one.id === number)
  if (image === undefined) return () => undefined
  image.isGone = true
  world.images.withdraw(number)
  return () => {
    image.isGone = false
    world.images.restore(number)
  }
}
