import type { GroupRecord, InstanceRecord, Project } from './project.ts'

/** An instance that nothing sends to is gone after this; one that something does finishes first what it has under way. */
const ENDING_MS = 10_000
/** So long a backend service lets requests finish. */
const DRAINS_MS = 120_000

/** An instance goes: its group ends its machine and forgets it. */
export function leaving(project: Project, group: GroupRecord, one: InstanceRecord): void {
  if (one.action === 'DELETING') return
  one.action = 'DELETING'
  const { launched, machine } = one
  const { world } = project
  const beganAt = world.now
  const end = () => {
    const finishes = launched === undefined ? 0 : (project.drainsUntil?.(launched) ?? 0)
    const waitsUntil = Math.min(finishes, beganAt + DRAINS_MS)
    if (waitsUntil > world.now) return void world.schedule(waitsUntil, end)
    group.instances.delete(one.name)
    if (launched !== undefined) world.machines.end(launched, 'its group deleted it')
  }
  if (machine === undefined) return end()
  world.schedule(world.now + ENDING_MS, end)
}
