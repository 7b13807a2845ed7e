import { unlessAbsent } from '../../../src/core/errors.ts'
import type { Where } from '../where.ts'
import type { Template } from '../sdk/resources.ts'
import { nameIn, pathOf, valueIn } from '../sdk/urls.ts'

/** A template that is there, with the path by which releases name it. */
export interface FoundTemplate {
  /** `projects/web-prod/global/instanceTemplates/web-1`, or one of a region. */
  readonly path: string
  readonly template: Template
}

/**
 * The templates of these URLs, by path; one that was deleted is left out. They are read at every look: a template never changes, but its
 * name is given to another one once it is deleted.
 */
export async function readTemplates(
  { caller, project: home }: Where,
  urls: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FoundTemplate>> {
  const paths = [...new Set(urls.map((url) => pathOf(url, home)))]
  const read = async (path: string): Promise<[string, FoundTemplate][]> => {
    const [project, region] = [valueIn(path, 'projects') ?? home, valueIn(path, 'regions')]
    const request = { project, instanceTemplate: nameIn(path) }
    const answer =
      region === undefined
        ? caller.call('instanceTemplates.get', request, signal)
        : caller.call('regionInstanceTemplates.get', { ...request, region }, signal)
    const template = await answer.catch(unlessAbsent)
    return template === undefined ? [] : [[path, { path, template }]]
  }
  return new Map((await Promise.all(paths.map(read))).flat())
}
