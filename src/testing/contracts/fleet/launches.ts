import type { FleetTarget } from '../../../core/ports.ts'
import type { FleetBench } from './bench.ts'

/** Launches an image in the way that the fleet can: in a group of its own, else in place. */
export async function launchesOf(
  fleet: FleetBench,
  image: string,
  size: number,
  binding?: string,
): Promise<{ readonly release: string; readonly ids: readonly [group: string, target: FleetTarget] }> {
  const isClone = fleet.facts.clone.can
  const target = isClone ? fleet.target : fleet.inPlace
  const group = isClone ? fleet.candidate : fleet.group
  const request = await fleet.request(size, {
    release: await fleet.resolve(image),
    group,
    ...(binding === undefined ? {} : { binding }),
  })
  await fleet.accepted(fleet.provider.ensureGroup(target, request, fleet.call()))
  return { release: request.release.id, ids: [group, target] }
}
