import { createBuckets } from '../../providers/aws/sdk/buckets.ts'
import { expect, test } from 'vitest'

const signal = new AbortController().signal

/** A clock that stands still but for whoever waits, and what was waited. */
function standing() {
  const clock = { time: 1_000_000, waits: [] as number[] }
  return Object.assign(clock, {
    now: () => clock.time,
    sleep: async (ms: number) => void clock.waits.push(Math.round(ms)),
  })
}

test('calls are made at once while there is room, and then as fast as the bucket fills', async () => {
  const clock = standing()
  const buckets = createBuckets(clock)
  for (let call = 0; call < 33; call++) await buckets.take('elb', 'DescribeRules', signal)
  // 30 at once; then 15 in two seconds, each after the one before.
  expect(clock.waits).toEqual([133, 267, 400])
  clock.time += 10_000
  await buckets.take('elb', 'DescribeTags', signal)
  expect(clock.waits).toHaveLength(3)
})

test('reads, changes and services do not take from one another', async () => {
  const clock = standing()
  const buckets = createBuckets(clock)
  for (let call = 0; call < 30; call++) await buckets.take('elb', 'DescribeRules', signal)
  await buckets.take('elb', 'ModifyRule', signal)
  await buckets.take('autoScaling', 'DescribePolicies', signal)
  await buckets.take('ec2', 'RunInstances', signal)
  expect(clock.waits).toEqual([])
})

test('who is throttled all the same waits, and goes at half the pace for a minute', async () => {
  const clock = standing()
  const buckets = createBuckets(clock)
  buckets.throttled('autoScaling', 'DescribeAutoScalingGroups')
  await buckets.take('autoScaling', 'DescribeAutoScalingGroups', signal)
  clock.time += 400
  await buckets.take('autoScaling', 'DescribePolicies', signal)
  expect(clock.waits).toEqual([400, 400])
  clock.time += 60_000
  await buckets.take('autoScaling', 'DescribePolicies', signal)
  expect(clock.waits).toHaveLength(2)
})
