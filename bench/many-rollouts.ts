import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { clone } from '../src/core/fleet-spec.ts'
import type { RolloutStore } from '../src/core/ports.ts'
import type { Rollout } from '../src/engine/rollout.ts'
import { sqlite } from '../src/stores/sqlite.ts'
import { canary } from '../src/strategies/canary.ts'
import { atMost, plain, type Bench, type Figure } from './lib/bench.ts'
import { onDisk } from './lib/file-system.ts'
import { processorMs, slope } from './lib/numbers.ts'
import { NEW, simulated, type Simulated } from './lib/simulated.ts'

const SIZE = 6
const LOOK_MS = 10_000
const LEASE_MS = 10_000
const MOST_MB = 512
/** Memory that rises by less than this share of itself over the whole run does not rise. */
const LEVEL = 0.01
/** Passes until every rollout stands in its bake. */
const MOST_PASSES = 60

/** Many rollouts in one process, each in the middle of a long bake. */
export const bench: Bench = {
  name: 'many-rollouts',
  how: 'rollouts of 6 instances each, 5 % of the traffic on the candidate in a bake of ten days, on SQLite in one process, the simulated cloud and its machines included; imago.tick gives each a turn every 10 s of virtual time; memory is what is in use after a forced collection, the rise that of a line through one sample a pass',
  run: ({ quick }) =>
    onDisk(async (folder) => {
      const [fleets, turns] = quick ? [20, 400] : [10_000, 1_000_000]
      const books: Books = { appends: 0, leases: 0, cells: 0 }
      const store = (now: () => number) =>
        noting({ ...sqlite({ path: join(folder, 'rollouts.db') }), now: () => Promise.resolve(now()) }, books)
      const site = simulated({
        size: SIZE,
        seed: 1,
        fleets,
        groups: (web) => clone({ adopt: web }),
        lookIntervalMs: LOOK_MS,
        store,
      })
      try {
        const moving = await untilBaking(site, books)
        return [plain('rollouts', fleets), ...moving, ...(await baking(site, books, Math.ceil(turns / fleets)))]
      } finally {
        await site.imago.close()
      }
    }),
}

/** What was written to the store. */
interface Books {
  appends: number
  leases: number
  cells: number
}

function noting(store: RolloutStore, books: Books): RolloutStore {
  return {
    ...store,
    append(...given) {
      books.appends++
      return store.append(...given)
    },
    compareAndSet(key, expected, value) {
      if (!key.startsWith('lease/')) books.cells++
      else if (value !== null) books.leases++
      return store.compareAndSet(key, expected, value)
    },
  }
}

/** Starts them all, and gives them turns until each stands in its bake. */
async function untilBaking({ world, fleets, imago, until }: Simulated, books: Books): Promise<Figure[]> {
  const strategy = canary({ weights: [5, 50], bake: '10d' })
  const rollouts: Rollout[] = []
  for (const fleet of fleets) rollouts.push(await until(fleet.start(await until(fleet.plan({ image: NEW, strategy })))))
  const beganAt = world.now
  for (let pass = 0; !rollouts.every(isBaking); pass++) {
    if (pass === MOST_PASSES) throw new Error('Not all rollouts come to their bake.')
    await onePass(world, imago, until)
  }
  const periods = Math.ceil((world.now - beganAt) / LEASE_MS)
  return [atMost(1, 'lease renewals, one process and 10 s of virtual time, while all move', books.leases / periods)]
}

/** Nothing is open but the bake, and that has begun. */
function isBaking({ state: { index, gates } }: Rollout): boolean {
  return index === 0 && gates['healthy']?.opened === true && gates['bake']?.holdingAt !== undefined
}

/** Turn after turn in which nothing changes. */
async function baking({ world, cloud, imago, until }: Simulated, books: Books, passes: number): Promise<Figure[]> {
  const before = { ...books, calls: cloud.calls.writes }
  const memory: number[] = []
  let turns = 0
  let ms = 0
  for (let pass = 0; pass < passes; pass++) {
    const began = processorMs()
    turns += await onePass(world, imago, until)
    ms += processorMs() - began
    memory.push(inUse())
  }
  const last = memory.at(-1) ?? 0
  const written = books.appends + books.cells + books.leases - before.appends - before.cells - before.leases
  return [
    plain('turns', turns),
    plain('turns in one second of processor time', (turns * 1_000) / ms, '1/s'),
    atMost(MOST_MB, 'memory in use after a forced collection', last / 2 ** 20, 'MB'),
    plain('resident memory', process.memoryUsage.rss() / 2 ** 20, 'MB'),
    atMost((LEVEL * last) / 2 ** 20, 'rise of the memory over all turns', (slope(memory) * memory.length) / 2 ** 20, 'MB'),
    atMost(0, 'writes to the store in these turns', written),
    atMost(0, 'writes to the provider in these turns', cloud.calls.writes - before.calls),
  ]
}

async function onePass(world: Simulated['world'], imago: Simulated['imago'], until: Simulated['until']): Promise<number> {
  const { turns, skipped } = await until(imago.tick({ budget: '1h' }))
  if (skipped[0] !== undefined) throw new Error(`${skipped[0].rolloutId}: ${skipped[0].message}`)
  world.runUntil(world.now + LOOK_MS)
  return turns.length
}

function inUse(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const collect = collector()

/** The engine's own collector, which is hidden unless asked for. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
