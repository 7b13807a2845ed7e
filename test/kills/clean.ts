import { expect } from 'vitest'
import type { LoadLine } from '../../examples/demo/load.ts'
import type { Course } from './courses.ts'
import { SIZE, type Site, type Started } from './site.ts'

/** One generation serves and nothing else is there; no request failed but those that a broken image answered. */
export async function expectClean(site: Site, { rollout, label }: Started, course: Course): Promise<void> {
  const { stable, candidate } = rollout.state.plan
  const serving = course.outcome === 'promoted' ? candidate : stable
  const { groups, traffic } = await site.fleet.describe()
  expect(
    groups.map(({ id, instances, holds }) => ({ id, healthy: instances.filter((one) => one.state === 'healthy').length, holds })),
  ).toEqual([{ id: serving.group, healthy: SIZE, holds: [] }])
  expect(traffic?.routing.routes).toMatchObject([{ weight: 100, groups: [serving.group] }])
  expect(await site.fleet.drift()).toEqual([])
  const { daemon, balancer, instances } = await site.processes()
  expect([daemon.length, instances.length]).toEqual([1, SIZE])
  expect(balancer.length).toBeLessThanOrEqual(2)
  const isAllowed = (line: LoadLine) => course.behaviour?.failShare !== undefined && line.status === 500 && line.image === label
  expect(site.failures().filter((line) => !isAllowed(line))).toEqual([])
}
