import { Fault } from './fault.ts'
import { operationOutput } from './outputs.ts'
import type { Json, OperationRecord, Project } from './project.ts'

/** How long an operation takes, ms. */
const TAKES_MS = 2_000
/** How often it is asked whether one that takes longer has ended. */
const AGAIN_MS = 1_000

/** A change: what may refuse it, and what it does. */
export interface Work {
  check(): void
  /** @returns whether that is over, asked until it is. @default - it is at once */
  carryOut(): (() => boolean) | void
}

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
export function accept(project: Project, asked: Asked, work: Work): Json {
  const { name, scope, target, requestId } = asked
  const before = requestId === undefined ? undefined : project.requests.get(requestId)
  if (before !== undefined) return operationOutput(project, before)
  work.check()
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
  world.schedule(operation.endsAt, () => finish(project, name, operation, work))
  return operationOutput(project, operation)
}

function finish(project: Project, name: string, operation: OperationRecord, { check, carryOut }: Work): void {
  const fail = (failed: NonNullable<OperationRecord['failed']>) => Object.assign(operation, { isDone: true, failed })
  const failure = project.failures.get(name)
  if (failure !== undefined) return void fail(failure)
  try {
    check()
    endWhen(project, operation, carryOut() ?? (() => true))
    project.world.record(`${name} of ${operation.target}`)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    fail({ code: upper(error.reason), message: error.message, status: error.status })
  }
}

/** What takes longer than others is asked for again and again. */
function endWhen(project: Project, operation: OperationRecord, isOver: () => boolean): void {
  if (isOver()) return void (operation.isDone = true)
  operation.endsAt = project.world.now + AGAIN_MS
  project.world.schedule(operation.endsAt, () => endWhen(project, operation, isOver))
}

/** Within operations Google writes its reasons in capitals: `resourceInUseByAnotherResource`, `RESOURCE_IN_USE_BY_ANOTHER_RESOURCE`. */
function upper(reason: string): string {
  const word = reason === 'notFound' ? 'resourceNotFound' : reason === 'alreadyExists' ? 'resourceAlreadyExists' : reason
  return word.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}
