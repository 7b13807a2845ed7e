import { nameOf, type ScaleSet } from './set.ts'

/** Why a set cannot be rolled in place: what it would do to running instances when its model is changed. */
export function setObstacles(set: ScaleSet): string[] {
  const { upgradePolicy: policy, provisioningState: state } = set
  const mode = policy?.mode ?? 'Manual'
  const name = nameOf(set)
  return [
    ...(mode === 'Manual'
      ? []
      : [`${name} is in ${mode} mode: a change of its model re-images the instances that run; set it to Manual`]),
    ...(policy?.automaticOSUpgradePolicy?.enableAutomaticOSUpgrade === true
      ? [`${name} upgrades the operating system of its instances by itself; switch that off first`]
      : []),
    ...(state === 'Deleting' ? [`${name} is being deleted`] : []),
  ]
}
