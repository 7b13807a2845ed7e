import { expect, test } from 'vitest'
import { seedsFrom, violationsOn } from '../kit/playground/seeds.ts'
import { share } from '../kit/share.ts'
import { drawGcpScenario, gcpPlayground } from './simulation/index.ts'
import { testTheWire } from './site.ts'

const seed = Number(process.env['IMAGO_SEED'])
/** Seeds of a run of the everyday tests; the deep tests play 1,000, and `npm run simulate -- --on gcp --seeds N` as many as one likes. */
const SEEDS = 2
/** An image that broke down under traffic was repaired under its name again and again, and no launch ever failed. */
const REPAIRED_ALWAYS = 104
/** On the way back an instance broke down before it had drained, and so did whoever came after it under its name. */
const DRAINED_NEVER = 116
/** Whoever drove it died while a slot was filled again: what its autoscaler goes back to was lost. */
const FILLED_IN_PART = 213
/** A rollout was aborted in the middle of stable's retirement: the group went on saying that it was being deleted. */
const HALF_DELETED = 3_934_497_217
const KNOWN = [REPAIRED_ALWAYS, DRAINED_NEVER, FILLED_IN_PART, HALF_DELETED]

test(
  'no invariant is broken on Google Cloud, whatever happens to its calls, its instances, and whoever drives',
  { timeout: 600_000 },
  async () => {
    expect(await violationsOn(gcpPlayground, drawGcpScenario, [...share(KNOWN, 3), ...seedsFrom(seed, SEEDS)])).toEqual([])
  },
)

testTheWire()
