import { isRolloutError, unlessAbsent } from '../../../src/core/errors.ts'
import type { CallContext, FleetTarget } from '../../../src/core/ports.ts'
import { see, templatesToKeep } from '../fleet/describe.ts'
import { BEARS_MARKS, marksOf } from '../marks.ts'
import type { Place } from '../place.ts'
import { pathOf } from '../sdk/urls.ts'
import { regionOf } from '../where.ts'

/**
 * Deletes the instance templates that were made for this fleet and that no group or instance of it was launched from: those of groups that are
 * gone, of releases that were replaced, and of groups that were never made. A fleet has them looked for when its claim is released.
 */
export async function deleteSpareTemplates(place: Place, target: FleetTarget, context: CallContext): Promise<void> {
  const { caller, project } = place
  const { look, groups } = await see(place, target, context.signal)
  const used = new Set(groups.flatMap(templatesToKeep).map((url) => pathOf(url, project)))
  const request = { project, filter: BEARS_MARKS }
  const region = regionOf(place)
  const [global, regional] = await Promise.all([
    caller.list('instanceTemplates.list', request, context.signal),
    caller.list('regionInstanceTemplates.list', { ...request, region }, context.signal),
  ])
  const paths = [
    ...global.map((one) => [one, `projects/${project}/global/instanceTemplates/${one.name ?? ''}`] as const),
    ...regional.map((one) => [one, `projects/${project}/regions/${region}/instanceTemplates/${one.name ?? ''}`] as const),
  ]
  for (const [template, path] of paths)
    if (marksOf(template).fleet === look.fleet && !used.has(path)) await deleteTemplate(place, path, context)
}

/** One that somebody else's group launches from stays. */
async function deleteTemplate({ operations }: Place, path: string, context: CallContext): Promise<void> {
  try {
    await operations.done({ call: 'instanceTemplates.delete', verb: 'DELETE', path }, context).catch(unlessAbsent)
  } catch (error) {
    if (!isRolloutError(error, 'call-failed') || error.facts.class !== 'conflict') throw error
  }
}
