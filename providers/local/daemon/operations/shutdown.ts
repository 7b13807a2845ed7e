import { setTimeout as sleep } from 'node:timers/promises'
import { identify } from '../../instances/process.ts'
import type { Input, Output } from '../../protocol.ts'
import { change, type Call, type World } from '../world.ts'

/** Ends everything: addresses first, then the processes, the balancer, and this daemon once it has answered. */
export async function shutdown(world: World, _input: Input<'cloud.shutdown'>, call: Call): Promise<Output<'cloud.shutdown'>> {
  change(world, call, (draft) => {
    draft.services = {}
    for (const group of Object.values(draft.groups)) {
      group.retiring = true
      group.sizes = { [group.release]: 0 }
    }
  })
  await world.keeper.stop()
  while (Object.keys(world.book.state.groups).length > 0) await sleep(20)
  world.quit()
  return { daemon: identify(process.pid) ?? null }
}
