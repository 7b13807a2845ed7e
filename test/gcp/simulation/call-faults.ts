import type { Calls } from '../../kit/playground/call-faults.ts'
import { rememberPast } from '../../kit/wire/past.ts'
import { Fault } from '../wire/fault.ts'
import type { Project } from '../wire/project.ts'

/** What is accepted late is carried out, within the operation's time, by the moment that the adapter declares. */
const LATEST_MS = 55_000
/** Every look shows what was answered so long before: what the adapter declares. */
const SETTLE_MS = 10_000
/** What reads of instances are answered from. */
const BOOKS = ['groups', 'services'] as const
/** Compute Engine shows a change of a resource once its operation is done; instances and their health come from elsewhere, and later. */
const LAGGING = /\.(?:listManagedInstances|listErrors|getHealth)$|^(?:instances|disks)\.list$/

/** Google Cloud's calls, and how it refuses them. */
export function callsOf(project: Project): Calls<Project> {
  return {
    cloud: project,
    latestMs: LATEST_MS,
    settleMs: SETTLE_MS,
    remember: (keepMs) => rememberPast(project, BOOKS, launchedIn, keepMs),
    // What has not changed in between is the same object.
    isSame: (one, other) => one.groups === other.groups,
    mayLag: (action) => LAGGING.test(action),
    mayBeBlocked: (action) => /(?:nstanceGroupManagers|ackendServices)\.delete$/.test(action),
    throttled: () => new Fault(403, 'rateLimitExceeded', 'Rate Limit Exceeded'),
    failed: () => new Fault(503, 'backendError', 'Internal error. Please try again or contact Google Support.'),
    blocked: () => new Fault(400, 'resourceInUseByAnotherResource', 'The resource is already being used by another resource.'),
  }
}

function launchedIn({ groups }: Project): string[] {
  return [...groups.values()].flatMap((group) => [...group.instances.values()].flatMap((one) => one.launched ?? []))
}
