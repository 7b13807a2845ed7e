import type { FleetId } from '../core/snapshot.ts'
import { readJournal } from './journal.ts'
import type { Runtime } from './runtime.ts'
import { parseRolloutId, rolloutIdAt } from './tracked.ts'

/** The newest rollout of a fleet, and the end of its stream. */
export interface Head {
  readonly rolloutId?: string
  readonly done: boolean
  readonly nextSeq: number
  readonly epoch: number
  /** Names of groups that its rollouts used. A name is never used twice: a late call could still mean the old one (law 5). */
  readonly groups: readonly string[]
}

/**
 * Finds the newest rollout of a fleet. A cell beside the log says where to begin reading; if it is old or lost,
 * only time is lost, for the log itself is read from there to its end.
 */
export async function headOf(runtime: Runtime, fleet: FleetId): Promise<Head> {
  const hint = (await runtime.store.get(cellOf(fleet)))?.value
  const from = typeof hint === 'string' ? parseRolloutId(hint).seq : 1
  let rolloutId: string | undefined
  let done = true
  let nextSeq = from
  let epoch = 0
  const groups = new Set<string>()
  for (const { event } of await readJournal(runtime, fleet, from)) {
    nextSeq = event.seq + 1
    epoch = Math.max(epoch, event.epoch)
    if (event.type === 'rollout.started') {
      rolloutId = event.rolloutId
      groups.add(event.plan.candidate.group)
    }
    if (event.type === 'command.intended' && event.command.kind === 'ensure-group') groups.add(event.command.group)
    if (event.type === 'controller.took-over') epoch = event.epoch
    if (event.type === 'rollout.started' || event.type === 'rollout.finished') done = event.type === 'rollout.finished'
  }
  return { ...(rolloutId === undefined ? {} : { rolloutId }), done, nextSeq, epoch, groups: [...groups] }
}

/** Leaves the hint; losing a race for it is harmless. */
export async function rememberHead({ store }: Runtime, fleet: FleetId, seq: number): Promise<void> {
  const cell = await store.get(cellOf(fleet))
  await store.compareAndSet(cellOf(fleet), cell?.version, rolloutIdAt(fleet, seq))
}

function cellOf(fleet: FleetId): string {
  return `head/${fleet}`
}
