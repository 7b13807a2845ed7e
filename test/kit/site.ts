import { createGround, type Ground, type SiteOptions } from './ground.ts'
import { startProcess, type Process, type ProcessSetUp } from './process.ts'
import { rolloutsOn, type Rollouts } from './rollouts.ts'

/** A fleet in a simulated cloud, the processes that roll it, and their rollouts. */
export interface Site extends Ground, Rollouts {
  process(setUp?: ProcessSetUp): Process
}

/** Sets up a site. Beside `img-1` and `img-2` there are `img-3`, which is good, and `img-sick`, which never gets healthy. */
export function createSite(options: SiteOptions = {}): Site {
  const ground = createGround(options)
  let processes = 0
  return {
    ...ground,
    ...rolloutsOn(ground),
    process: (setUp = {}) => startProcess(ground, { controller: `process ${++processes}`, ...setUp }),
  }
}
