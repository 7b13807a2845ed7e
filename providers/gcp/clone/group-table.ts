import type { JsonObject } from '../../../src/core/json.ts'
import { isObject } from '../../../src/core/json.ts'

/**
 * What becomes of each member of a managed instance group when it is cloned: `copy` for what the clone gets too, `own` for what it has
 * of its own or what Compute says by itself; else why nothing with this set can be cloned. What has no row is refused: a setting that
 * Google adds is never lost.
 */
const MEMBERS: Readonly<Record<string, 'copy' | 'own' | { readonly why: string }>> = {
  allInstancesConfig: 'copy',
  autoHealingPolicies: 'copy',
  distributionPolicy: 'copy',
  instanceFlexibilityPolicy: 'copy',
  instanceLifecyclePolicy: 'copy',
  listManagedInstancesResults: 'copy',
  resourcePolicies: 'copy',
  standbyPolicy: 'copy',
  targetSizePolicy: 'copy',
  targetStoppedSize: 'copy',
  targetSuspendedSize: 'copy',
  updatePolicy: 'copy',

  baseInstanceName: 'own',
  creationTimestamp: 'own',
  currentActions: 'own',
  description: 'own',
  fingerprint: 'own',
  id: 'own',
  instanceGroup: 'own',
  instanceTemplate: 'own',
  kind: 'own',
  name: 'own',
  namedPorts: 'own',
  region: 'own',
  satisfiesPzi: 'own',
  satisfiesPzs: 'own',
  selfLink: 'own',
  status: 'own',
  targetSize: 'own',
  versions: 'own',
  zone: 'own',

  statefulPolicy: { why: 'it keeps disks, addresses or metadata of single instances' },
  targetPools: { why: 'target pools send to all of its instances, whatever the weights' },
}

/** What a clone gets, and why it cannot be made. */
export interface Treated {
  readonly settings: JsonObject
  readonly refusals: readonly string[]
}

/** Goes through everything that a group says. */
export function treatGroup(group: JsonObject): Treated {
  const refusals: string[] = []
  const settings: Record<string, JsonObject[string]> = {}
  for (const [member, value] of Object.entries(group)) {
    if (isUnset(value)) continue
    const row = MEMBERS[member] ?? { why: 'imago does not know this setting, and would lose it' }
    if (row === 'copy') settings[member] = withoutCalculated(value) as JsonObject
    else if (row !== 'own') refusals.push(`${member}: ${row.why}`)
  }
  return { settings, refusals }
}

/** What shares come to is said by Compute, and not taken back. */
function withoutCalculated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCalculated)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([name]) => name !== 'calculated')
  return Object.fromEntries(kept.map(([name, one]) => [name, withoutCalculated(one)]))
}

function isUnset(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0)
}
