import type { ScheduledUpdateGroupAction, ScheduledUpdateGroupActionRequest } from '@aws-sdk/client-auto-scaling'
import { callFailed } from '../../../../src/core/errors.ts'
import { nameOf } from '../../fleet/group.ts'
import { readPages } from '../../sdk/pages.ts'
import { type Treatments } from '../treatment.ts'
import type { Original, Part } from './part.ts'
import { refusedSettings, settingsOf } from './settings.ts'

/** Every member of a scheduled action, and what a clone gets of it. */
export const SCHEDULED: Treatments<ScheduledUpdateGroupAction, ScheduledUpdateGroupActionRequest> = {
  AutoScalingGroupName: { does: 'drop', why: 'it is the name of the original' },
  ScheduledActionARN: { does: 'drop', why: 'it is a fact of the action itself, not a setting' },
  Time: { does: 'drop', why: 'it repeats the start, under an old name' },
  ScheduledActionName: { does: 'copy' },
  StartTime: { does: 'copy' },
  EndTime: { does: 'copy' },
  Recurrence: { does: 'copy' },
  TimeZone: { does: 'copy' },
  MinSize: { does: 'copy' },
  MaxSize: { does: 'copy' },
  DesiredCapacity: { does: 'copy' },
}

/** BatchPutScheduledUpdateGroupAction takes no more at once. */
const ACTIONS_A_CALL = 50

/** Sizes that a group is given at set times. */
export const schedules: Part = {
  obstacles: async (original) => refusedSettings(await readActions(original), SCHEDULED, describe),

  async copy(copying) {
    const { caller, clone, signal } = copying
    const wanted = settingsOf(await readActions(copying), SCHEDULED, describe).flatMap((one) => toCome(one, copying.now))
    for (let from = 0; from < wanted.length; from += ACTIONS_A_CALL) {
      const some = wanted.slice(from, from + ACTIONS_A_CALL) as ScheduledUpdateGroupActionRequest[]
      const input = { AutoScalingGroupName: clone, ScheduledUpdateGroupActions: some }
      const { FailedScheduledUpdateGroupActions: failed = [] } = await caller.call(
        'autoScaling',
        'BatchPutScheduledUpdateGroupAction',
        input,
        signal,
      )
      const [first] = failed
      if (first === undefined) continue
      const { ScheduledActionName: name, ErrorCode: code, ErrorMessage: message } = first
      throw callFailed('invalid', 'ensureGroup', `The scheduled action ${name} was not taken for ${clone}: ${code}: ${message}`)
    }
  },
}

function describe({ ScheduledActionName: name }: ScheduledUpdateGroupAction): string {
  return `its scheduled action ${name}`
}

async function readActions({ caller, group, signal }: Original): Promise<ScheduledUpdateGroupAction[]> {
  const of = { AutoScalingGroupName: nameOf(group) }
  const pages = await readPages((next) => caller.call('autoScaling', 'DescribeScheduledActions', { ...of, ...next }, signal))
  return pages.flatMap((page) => page.ScheduledUpdateGroupActions ?? [])
}

/** What is over is not made again; of what recurs a start that has passed is refused by AWS, and says nothing any more. */
function toCome(action: Partial<ScheduledUpdateGroupActionRequest>, now: number): Partial<ScheduledUpdateGroupActionRequest>[] {
  const { StartTime: start, ...others } = action
  const [begun, ended] = [start !== undefined && start.getTime() <= now, (action.EndTime?.getTime() ?? Infinity) <= now]
  if (ended || (begun && action.Recurrence === undefined)) return []
  return [begun ? others : action]
}
