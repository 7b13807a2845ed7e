import type { Account, Body } from './account.ts'
import { CORES, FAMILY } from './images.ts'

/** What no test comes near. */
const MUCH = 10_000

/** The quotas of a subscription in its region, and how much of each is in use. */
export function usageBodies({ quota = MUCH, sets }: Account): Body[] {
  const machines = [...sets.values()].reduce((sum, one) => sum + one.members.length, 0)
  const usage = (value: string, localizedValue: string, currentValue: number, limit: number): Body => ({
    unit: 'Count',
    currentValue,
    limit,
    name: { value, localizedValue },
  })
  return [
    usage('availabilitySets', 'Availability Sets', 0, 2_500),
    usage('cores', 'Total Regional vCPUs', machines * CORES, MUCH * CORES),
    usage('virtualMachines', 'Virtual Machines', machines, MUCH),
    usage('lowPriorityCores', 'Total Regional Spot vCPUs', 0, 3),
    usage(FAMILY, 'Standard DSv5 Family vCPUs', machines * CORES, quota * CORES),
  ]
}
