import type { GroupRecord, InstanceRecord, Project } from './project.ts'

/** An instance that nothing sends to is gone after this; one that something does finishes first what it has under way. */
const ENDING_MS = 10_000

/** An instance goes: its group ends its machine and forgets it. */
export function leaving(project: Project, group: GroupRecord, one: InstanceRecord): void {
  if (one.action === 'DELETING') return
  one.action = 'DELETING'
  const { machine } = one
  const { world } = project
  const end = () => {
    group.instances.delete(one.name)
    if (one.launched !== undefined) world.machines.end(one.launched, 'its group deleted it')
  }
  if (machine === undefined) return end()
  world.schedule(world.now + ENDING_MS, end)
}
