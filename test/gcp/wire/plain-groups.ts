import { notFound } from './fault.ts'
import { checkPrint, print } from './fingerprint.ts'
import { plainGroupOutput } from './outputs.ts'
import type { GroupRecord, Json, Project } from './project.ts'
import { write, type Operation } from './writing.ts'

/** The methods of the plain groups that stand behind managed ones. */
export const plainGroups: readonly Operation[] = [
  ...ofScope('zones/{zone}', 'instanceGroups'),
  ...ofScope('regions/{region}', 'regionInstanceGroups'),
]

function ofScope(scope: string, groups: string): Operation[] {
  const one = `${scope}/instanceGroups/{instanceGroup}`
  return [
    {
      name: `${groups}.get`,
      verb: 'GET',
      path: one,
      answer: (project, _input, _body, path) => plainGroupOutput(project, managed(project, path)),
    },
    {
      name: `${groups}.list`,
      verb: 'GET',
      path: `${scope}/instanceGroups`,
      answer(project, _input, _body, path) {
        const parent = path.replace(/\w+$/, 'instanceGroupManagers/')
        const here = [...project.groups.values()].filter((group) => group.path.startsWith(parent))
        return { kind: 'compute#instanceGroupList', items: here.map((group) => plainGroupOutput(project, group)) }
      },
    },
    write(`${groups}.setNamedPorts`, 'POST', `${one}/setNamedPorts`, (project, { path, body }) => {
      const found = () => managed(project, path.replace(/\/\w+$/, ''))
      return {
        check: () => checkPrint(body['fingerprint'], print(found().namedPorts ?? [])),
        carryOut: () => void (found().namedPorts = body['namedPorts'] as readonly Json[]),
      }
    }),
  ]
}

/** @throws Fault 404. */
function managed(project: Project, path: string): GroupRecord {
  const found = project.groups.get(path.replace('instanceGroups', 'instanceGroupManagers'))
  if (found === undefined) throw notFound(path)
  return found
}
