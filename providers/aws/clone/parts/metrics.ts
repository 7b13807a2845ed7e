import type { Part } from './part.ts'

/** Metrics that a group collects about itself. */
export const metrics: Part = {
  obstacles: async () => [],

  async copy({ caller, group: { EnabledMetrics: enabled = [] }, clone, signal }) {
    for (const [granularity, names] of Map.groupBy(enabled, (one) => one.Granularity ?? '1Minute')) {
      const input = { AutoScalingGroupName: clone, Granularity: granularity, Metrics: names.flatMap((one) => one.Metric ?? []) }
      await caller.call('autoScaling', 'EnableMetricsCollection', input, signal)
    }
  },
}
