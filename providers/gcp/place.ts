import { createErrorLog, type ErrorLog } from './fleet/error-log.ts'
import { createMachineReader, type MachineReader } from './fleet/machines.ts'
import { checkAccess, type GcpAccess } from './sdk/access.ts'
import { createCaller } from './sdk/caller.ts'
import { machineClock } from './sdk/clock.ts'
import { createOperations, type Operations } from './sdk/operations.ts'
import { kindOf, type Where } from './where.ts'

/** A zone or a region of a project: what everything that works in it shares. */
export interface Place extends Where {
  readonly errors: ErrorLog
  readonly machines: MachineReader
  readonly operations: Operations
  /** Epoch milliseconds: whether a mark has run out. */
  now(): number
}

/** Nothing is loaded or called until something is asked for. @throws RolloutError `spec-invalid`. */
export function openPlace(access: GcpAccess): Place {
  checkAccess(access)
  const { project, location, clock = machineClock } = access
  const where = { project, location, kind: kindOf(location), caller: createCaller(access) }
  return {
    ...where,
    errors: createErrorLog(where),
    machines: createMachineReader(where),
    operations: createOperations(where.caller, clock, project),
    now: clock.now,
  }
}
