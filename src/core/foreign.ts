import { refused, type Contact } from './contact.ts'
import { formatImageRef } from './image.ts'
import type { GroupView, UpdateView } from './snapshot.ts'

/** @throws RolloutError `adoption-refused` when the cloud's own updater, or a rollout of another store, is at work on the fleet. */
export function refuseForeign(contact: Contact): void {
  const { fleet, snapshot, store, takeOver } = contact
  for (const group of snapshot.groups) {
    refuseUpdate(contact, group)
    for (const { kind, owner, expiresAt, store: other } of group.holds) {
      if (kind !== 'claim' || expiresAt <= snapshot.beganAt || other === store || owner === takeOver) continue
      const until = new Date(expiresAt).toISOString()
      const found = `${group.id} is claimed by ${owner}, whose journal is in another store (${other}), until ${until}`
      throw refused(fleet, found, ['use that store', 'wait until the claim runs out', `if it is lost, { takeOver: '${owner}' }`])
    }
  }
}

/** @throws RolloutError `adoption-refused` when the cloud's own updater works in a group, but for one that is to be supervised. */
function refuseUpdate({ fleet, snapshot, supervises }: Contact, { update }: GroupView): void {
  if (update === undefined || update.state === 'ended') return
  const { says, release, reimages, state } = update
  const choices = ['wait until it has ended', 'stop it']
  if (reimages === true) throw refused(fleet, `${says}, which changes instances that run instead of replacing them`, choices)
  if (state === 'running' && (supervises === true || supervises === release)) return
  const image = snapshot.releases[release]?.image
  const towards = image === undefined ? '' : `, towards ${formatImageRef(image)}`
  throw refused(fleet, `${says}${towards}`, [...choices, "supervise it: plan what it launches, rolling({ by: 'native' })"])
}

/** The cloud's own updater at work in a group. */
export function activeUpdate({ update }: Pick<GroupView, 'update'>): UpdateView | undefined {
  return update?.state === 'running' ? update : undefined
}
