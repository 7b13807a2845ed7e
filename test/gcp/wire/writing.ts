import type { Json, Project } from './project.ts'
import { accept, type Work } from './work.ts'

/** What a request names in its path and its query. */
export type Input = Readonly<Record<string, string>>

/** A method, by the path that it has under a project's. */
export interface Operation {
  readonly name: string
  readonly verb: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  answer(project: Project, input: Input, body: Json, path: string): Json
  /** Whether it changes something. @default - it reads */
  readonly writes?: true
  /** Until when it is not answered. @default - it is answered at once */
  endsAt?(project: Project, path: string): number
}

/** A method that answers with an operation. */
export function write(
  name: string,
  verb: Operation['verb'],
  path: string,
  work: (project: Project, request: { readonly path: string; readonly input: Input; readonly body: Json }) => Work,
): Operation {
  return {
    name,
    verb,
    path,
    writes: true,
    answer(project, input, body, own) {
      const scope = own.startsWith('global') ? 'global' : own.split('/').slice(0, 2).join('/')
      return accept(
        project,
        { name, scope, target: own, requestId: input['requestId'] },
        work(project, { path: own, input, body }),
      )
    },
  }
}

/** The path of a resource from its project on, from its URL or its own path. */
export function pathFrom({ id }: Project, url: string): string {
  return url.slice(url.indexOf(`projects/${id}/`) + `projects/${id}/`.length)
}
