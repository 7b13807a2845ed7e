import type { CallContext, FleetTarget } from '../../../src/core/ports.ts'
import type { Region } from '../region.ts'
import { readRoutes, type Routes, type Ways } from './read-routes.ts'

/** What changes routes reads them first: AWS compares nothing for us. */
export function changing(region: Region, ways: Ways) {
  const read = (target: FleetTarget, call: string, { signal }: CallContext) => readRoutes(region, ways, target, call, signal)
  return {
    read,
    async change(
      target: FleetTarget,
      call: string,
      context: CallContext,
      make: (routes: Routes) => Promise<void> | void,
    ): Promise<object> {
      await make(await read(target, call, context))
      return {}
    },
  }
}
