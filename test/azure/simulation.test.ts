import { expect, test } from 'vitest'
import { seedsFrom, violationsOn } from '../kit/playground/seeds.ts'
import { share } from '../kit/share.ts'
import { azurePlayground, drawAzureScenario } from './simulation/index.ts'

const seed = Number(process.env['IMAGO_SEED'])
/** Seeds of a run of the everyday tests; the deep tests play 1,000, and `npm run simulate -- --on azure --seeds N` as many as one likes. */
const SEEDS = 1
/** A person set a clone to nothing: its autoscale setting goes by its minimum all the same. */
const SET_TO_NOTHING = 48
/** An instance that was ill as it was deleted got well once more before its end. */
const WELL_AGAIN = 80
/** A candidate broke down under traffic and was repaired, and an autoscaler launched of stable what was removed, again and again. */
const IN_CIRCLES = 21
/** On the way back rules were asked for a part of the traffic. */
const PARTS_REFUSED = 99
/** An instance that was to go came back to its pool while too few served, and was out of it again. */
const CAME_BACK = 7098
/** An analysis behind Front Door judged before anybody was sent to the candidate. */
const JUDGED_NOBODY = 7344
const KNOWN = [SET_TO_NOTHING, WELL_AGAIN, IN_CIRCLES, PARTS_REFUSED, CAME_BACK, JUDGED_NOBODY]

test(
  'no invariant is broken on Azure, whatever happens to its calls, its instances, and whoever drives',
  { timeout: 600_000 },
  async () => {
    const seeds = [...share(KNOWN, 2), ...seedsFrom(seed, SEEDS)]
    expect(await violationsOn(azurePlayground, drawAzureScenario, seeds)).toEqual([])
  },
)
