import { randomBytes } from 'node:crypto'
import type { At, ReleaseId } from '../../../src/core/snapshot.ts'
import type { GroupRecord, InstanceRecord } from './state.ts'

/** Instances of a release that a group lacks and may launch now. */
export function lacking(group: GroupRecord, release: ReleaseId, now: At): number {
  if (group.retiring || now < group.backoff.until) return 0
  return Math.max(0, (group.sizes[release] ?? 0) - staying(group, release).length)
}

/** Moves a group's instances towards its sizes: too many are marked for removal, too few are added on these ports. */
export function converge(group: GroupRecord, now: At, portOf: () => number | undefined): void {
  const releases = new Set([...Object.keys(group.sizes), ...group.instances.map((one) => one.release)])
  for (const release of releases) {
    const wanted = group.retiring ? 0 : (group.sizes[release] ?? 0)
    for (const victim of victims(staying(group, release), wanted)) victim.removing = { at: now }
    for (let missing = lacking(group, release, now); missing > 0; missing--) {
      const port = portOf()
      if (port === undefined) break
      group.instances.push(newInstance(group, release, port, now))
    }
  }
}

/** Who goes when there are too many: those that serve nobody first, then the youngest. */
function victims(instances: readonly InstanceRecord[], wanted: number): readonly InstanceRecord[] {
  const rank = (one: InstanceRecord) => (one.health === 'healthy' ? 1 : 0)
  const inOrder = instances.toSorted((a, b) => rank(a) - rank(b) || b.launchedAt - a.launchedAt)
  return inOrder.slice(0, Math.max(0, instances.length - wanted))
}

/** Instances of a release that nobody removes. */
export function staying(group: GroupRecord, release: ReleaseId): InstanceRecord[] {
  return group.instances.filter((one) => one.release === release && one.removing === undefined)
}

function newInstance(group: GroupRecord, release: ReleaseId, port: number, now: At): InstanceRecord {
  const zone = emptiestZone(group)
  const id = `${group.id}-${randomBytes(4).toString('hex')}`
  return { id, release, port, launchedAt: now, health: 'starting', ...(zone === undefined ? {} : { zone }) }
}

function emptiestZone(group: GroupRecord): string | undefined {
  const load = (zone: string) => group.instances.filter((one) => one.zone === zone && one.removing === undefined).length
  return group.zones.toSorted((a, b) => load(a) - load(b))[0]
}
