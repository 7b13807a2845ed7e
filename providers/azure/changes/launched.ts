import { callFailed } from '../../../src/core/errors.ts'
import { readMembers } from '../fleet/members.ts'
import { whyMixed } from '../fleet/releases.ts'
import { isFlexible, type ScaleSet } from '../fleet/set.ts'
import { modelOf } from '../launch/model.ts'
import { launchDigest } from '../launch/release.ts'
import { MARKS, tagged, type Tags } from '../marks.ts'
import type { Change } from './group.ts'

/**
 * What the instances of a Uniform set were launched by, noted before the first write of a rollout: after it Azure says of all of them that
 * they have an earlier model.
 *
 * @throws RolloutError `call-failed` of class `denied` where it could not be told any more.
 */
export async function launchedMark({ group, call, signal }: Change, set: ScaleSet): Promise<Tags> {
  const launched = launchDigest(modelOf(set))
  if (isFlexible(set) || tagged(set.tags, MARKS.launched) === launched) return {}
  const why = whyMixed(set, await readMembers(group, set, signal))
  if (why !== undefined) throw callFailed('denied', call, `${why}.`, { native: 'LatestModelApplied' })
  return { [MARKS.launched]: launched }
}
