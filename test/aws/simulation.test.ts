import { expect, test } from 'vitest'
import { seedsFrom, violationsOn } from '../kit/playground/seeds.ts'
import { share } from '../kit/share.ts'
import { awsPlayground, drawAwsScenario } from './simulation/index.ts'
import { testTheWire } from './site.ts'

const seed = Number(process.env['IMAGO_SEED'])
/** Seeds of a run of the everyday tests: the first of the 200 that `npm run verify` plays; the deep tests play 5,000, and `npm run simulate -- --on aws --seeds N` as many as one likes. */
const SEEDS = 4
/** An instance refresh was cancelled with one instance more than the size: what AWS chose to end was one that served. */
const SURPLUS = 486
/** The release of a lost rollout's mark landed once more: it took the new one's away, and with it that zones were balanced before. */
const ERASED_AGAIN = 3_173_463_908
/** A size was lowered once more after the end, and the minimum with it raised. */
const LOWERED_AGAIN = 9_097
/** The minimum that was given back launched one that started protected. */
const STARTED_PROTECTED = 30_063
/** A person asked for the same image with other settings: the simulation took that for the release's name. */
const ASKED_OTHERWISE = 9_040
/** A group that was to be retired had a largest size of 0: the minimum that a sweep gives back was above it, and refused for ever. */
const ABOVE_THE_LARGEST = 2_001_214
/** In place, an autoscaler launched twelve of what the group launched for its canary: as many drained on the way back to its share, one by one, and all of stable on the way on. */
const DRAINED_TWICE = 3_576_427_777
/** Whoever made the clone died before it was whole, and nobody knew whether it was asked for: its size was read as demand. */
const MADE_IN_PART = 4_291_550_255
/** In place, a size was asked of one release and came in another: what was asked for was taken back as it lapsed, and its sum read as demand. */
const CAME_OTHERWISE = 4_291_551_775
const KNOWN = [
  SURPLUS,
  ERASED_AGAIN,
  LOWERED_AGAIN,
  STARTED_PROTECTED,
  ASKED_OTHERWISE,
  ABOVE_THE_LARGEST,
  DRAINED_TWICE,
  MADE_IN_PART,
  CAME_OTHERWISE,
]

test(
  'no invariant is broken on AWS, whatever happens to its calls, its instances, and whoever drives',
  { timeout: 600_000 },
  async () => {
    expect(await violationsOn(awsPlayground, drawAwsScenario, [...share(KNOWN, 3), ...seedsFrom(seed, SEEDS)])).toEqual([])
  },
)

testTheWire()
