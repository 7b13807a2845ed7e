import { Fault } from './fault.ts'
import { operationOutput } from './outputs.ts'
import type { Json, OperationRecord, Project } from './project.ts'

/** How long an operation takes, ms. */
const TAKES_MS = 2_000

/** A change as it is asked for. */
export interface Asked {
  readonly name: string
  /** `zones/europe-west1-a`, or `global`. */
  readonly scope: string
  readonly target: string
  readonly requestId: string | undefined
}

/**
 * Accepts a change: refused at once where `check` refuses it, and again when its time has come, for whatever was written meanwhile counts.
 */
export function accept(project: Project, asked: Asked, check: () => void, carryOut: () => void): Json {
  const { name, scope, target, requestId } = asked
  const before = requestId === undefined ? undefined : project.requests.get(requestId)
  if (before !== undefined) return operationOutput(project, before)
  check()
  const { world } = project
  const id = project.newId()
  const operation: OperationRecord = {
    id,
    path: `${scope}/operations/operation-${id}`,
    type: name.split('.').at(-1) ?? name,
    target,
    startedAt: world.now,
    endsAt: world.now + TAKES_MS,
    isDone: false,
  }
  project.operations.set(operation.path, operation)
  if (requestId !== undefined) project.requests.set(requestId, operation)
  world.schedule(operation.endsAt, () => finish(project, name, operation, check, carryOut))
  return operationOutput(project, operation)
}

function finish(project: Project, name: string, operation: OperationRecord, check: () => void, carryOut: () => void): void {
  operation.isDone = true
  const failure = project.failures.get(name)
  if (failure !== undefined) return void (operation.failed = failure)
  try {
    check()
    carryOut()
    project.world.record(`${name} of ${operation.target}`)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    operation.failed = { code: upper(error.reason), message: error.message, status: error.status }
  }
}

/** Within operations Google writes its reasons in capitals: `resourceInUseByAnotherResource`, `RESOURCE_IN_USE_BY_ANOTHER_RESOURCE`. */
function upper(reason: string): string {
  const word = reason === 'notFound' ? 'resourceNotFound' : reason === 'alreadyExists' ? 'resourceAlreadyExists' : reason
  return word.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}
