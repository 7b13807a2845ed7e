import { expect, test } from 'vitest'
import { violationsOn } from '../kit/playground/seeds.ts'
import { azurePlayground, drawAzureScenario } from './simulation/index.ts'

/** A person set a clone to nothing: its autoscale setting goes by its minimum all the same. */
const SET_TO_NOTHING = 48
/** An instance that was ill as it was deleted got well once more before its end. */
const WELL_AGAIN = 80
/**
 * Seeds of the everyday tests; `npm run simulate -- --on azure --seeds N` plays as many as one likes. These are always the same: where an autoscaler goes on launching what is removed again, or repairs what breaks down again, each counts as progress, and the
 * run does not end.
 */
const SEEDS = [SET_TO_NOTHING, WELL_AGAIN, 1]

test(
  'no invariant is broken on Azure, whatever happens to its calls, its instances, and whoever drives',
  { timeout: 600_000 },
  async () => {
    expect(await violationsOn(azurePlayground, drawAzureScenario, SEEDS)).toEqual([])
  },
)
