import type { InstanceView, ReleaseId } from '../../../src/core/snapshot.ts'
import type { Member, Status } from './members.ts'
import { stateOf } from './states.ts'

/** An instance as a look shows it. */
export function instanceView(member: Member, release: ReleaseId, watched: boolean): InstanceView {
  const { id, zone, createdAt, statuses, health, agent } = member
  const provisioned = find(statuses, 'ProvisioningState')
  const { state, because } = stateOf({
    provisioning: member.provisioning?.toLowerCase() ?? wordIn(provisioned),
    power: wordIn(find(statuses, 'PowerState')),
    agent: wordIn(agent[0]),
    health: wordIn(health),
    watched,
  })
  const said = [provisioned, health, agent[0]].find((one) => one?.message !== undefined && one.message !== '')?.message
  return {
    id,
    release,
    state,
    ...(state === 'healthy' ? {} : { reason: said === undefined ? because : `${because}: ${said}` }),
    launchedAt: (createdAt ?? provisioned?.time)?.getTime() ?? 0,
    ...(zone === undefined ? {} : { zone }),
  }
}

/** The status of a kind, `PowerState`. */
export function find(statuses: readonly Status[], kind: string): Status | undefined {
  return statuses.find((one) => one.code?.startsWith(`${kind}/`) === true)
}

/** `PowerState/running` says `running`; what follows a second stroke is the reason. */
function wordIn(status: Status | undefined): string | undefined {
  return status?.code?.split('/')[1]?.toLowerCase()
}
