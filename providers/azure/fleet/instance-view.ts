import type { InstanceView, ReleaseId } from '../../../src/core/snapshot.ts'
import { statusOf, type Member, type Status } from './member.ts'
import { stateOf, type Source } from './states.ts'

/** An instance as a look shows it. */
export function instanceView(member: Member, release: ReleaseId, watched: boolean): InstanceView {
  const { id, zone, createdAt } = member
  const statuses: Readonly<Record<Source, Status | undefined>> = {
    ProvisioningState: statusOf(member.statuses, 'ProvisioningState'),
    PowerState: statusOf(member.statuses, 'PowerState'),
    Agent: member.agent[0],
    HealthState: member.health,
  }
  const { state, source, said } = stateOf({
    provisioning: member.provisioning?.toLowerCase() ?? wordIn(statuses.ProvisioningState),
    power: wordIn(statuses.PowerState),
    agent: wordIn(statuses.Agent),
    health: wordIn(statuses.HealthState),
    watched,
  })
  const { message } = statuses[source] ?? {}
  return {
    id,
    release,
    state,
    ...(state === 'healthy' ? {} : { reason: message === undefined || message === '' ? said : `${said}: ${message}` }),
    launchedAt: (createdAt ?? statuses.ProvisioningState?.time)?.getTime() ?? 0,
    ...(zone === undefined ? {} : { zone }),
  }
}

/** `PowerState/running` says `running`; what follows a second stroke is the reason. */
function wordIn(status: Status | undefined): string | undefined {
  return status?.code?.split('/')[1]?.toLowerCase()
}
