import { tagged, MARKS, type Tags } from '../marks.ts'
import { nameOf, type ScaleSet } from './set.ts'
import { ownMode } from './upgrade-note.ts'

/** Azure lets a resource have so many tags. */
const TAGS = 50
/** A set that is rolled bears so many more: whose it is, who made it, what it launched and what belongs to it, how it upgrades, that it goes, and two for each hold. */
const OWN_TAGS = 12

/** Why a set cannot be changed at all: what would happen to running instances when anything of it is written. */
export function modeObstacles(set: ScaleSet): string[] {
  const mode = ownMode(set)
  if (mode === 'Manual') return []
  return [
    `${nameOf(set)} is in ${mode} mode: any change of it, a mark too, may re-image the instances that run; set it to Manual`,
  ]
}

/** Why a set cannot be rolled, whichever way. */
export function setObstacles(set: ScaleSet): string[] {
  const { provisioningState: state, tags } = set
  const name = nameOf(set)
  return [
    ...modeObstacles(set),
    ...(state === 'Deleting' || tagged(tags, MARKS.retiring) !== undefined ? [`${name} is being deleted`] : []),
    ...tagObstacles(name, tags),
  ]
}

/** Why the instances of a set cannot be replaced in it: what else would bring the new model to some of them, and too early. */
export function inPlaceObstacles(set: ScaleSet, changesLaunch: boolean): string[] {
  const { upgradePolicy: policy, overprovision } = set
  const name = nameOf(set)
  return [
    ...(policy?.automaticOSUpgradePolicy?.enableAutomaticOSUpgrade === true
      ? [`${name} upgrades the operating system of its instances by itself; switch that off first`]
      : []),
    ...(overprovision === true
      ? [
          `${name} overprovisions: of what it launches it takes some away again, after they have served; set overprovision to false`,
        ]
      : []),
    ...(changesLaunch
      ? [`in place ${name} keeps no launch settings but its latest: there would be no way back to those of before; clone it`]
      : []),
  ]
}

function tagObstacles(name: string, tags: Tags | undefined): string[] {
  const own = Object.keys(tags ?? {}).filter((key) => !key.toLowerCase().startsWith('imago:')).length
  return own + OWN_TAGS <= TAGS ? [] : [`${name} has ${own} tags, and needs ${OWN_TAGS} more of the ${TAGS} that it can have`]
}
