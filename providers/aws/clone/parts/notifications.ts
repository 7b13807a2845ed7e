import { nameOf } from '../../fleet/group.ts'
import { readPages } from '../../sdk/pages.ts'
import type { Part } from './part.ts'

/** Who is told what happens to a group. */
export const notifications: Part = {
  obstacles: async () => [],

  async copy({ caller, group, clone, signal }) {
    const of = { AutoScalingGroupNames: [nameOf(group)] }
    const pages = await readPages((next) =>
      caller.call('autoScaling', 'DescribeNotificationConfigurations', { ...of, ...next }, signal),
    )
    // Described one by one, written a topic at a time.
    const configured = pages.flatMap((page) => page.NotificationConfigurations ?? [])
    for (const [topic, some] of Map.groupBy(configured, (one) => one.TopicARN ?? '')) {
      const types = some.flatMap((one) => one.NotificationType ?? [])
      const input = { AutoScalingGroupName: clone, TopicARN: topic, NotificationTypes: types }
      await caller.call('autoScaling', 'PutNotificationConfiguration', input, signal)
    }
  },
}
