import { callFailed } from '../../../src/core/errors.ts'
import { MARKS, tagged } from '../marks.ts'
import type { Caller } from '../sdk/caller.ts'
import { readPages } from '../sdk/pages.ts'
import type { InputOf } from '../sdk/services.ts'
import type { AutoScalingGroup } from './group.ts'

/**
 * Reads groups. What is asked for side by side, by whichever rollout of whichever imago, is read together: Auto Scaling throttles an
 * account at a few calls a second. Every answer was read after it was asked for.
 */
export interface GroupReader {
  /** The groups that bear a fleet's mark. */
  marked(mark: string, signal: AbortSignal): Promise<readonly AutoScalingGroup[]>
  /** Those of these names that are there. */
  named(names: readonly string[], signal: AbortSignal): Promise<readonly AutoScalingGroup[]>
}

/** Auto Scaling describes no more in one page, and takes no more names. */
const GROUPS_A_PAGE = 100
/** A fleet has two groups while it is rolled: so many fill a page. */
const MARKS_A_CALL = 50

/** Makes a reader that has read nothing yet. */
export function createGroupReader(caller: Caller): GroupReader {
  const read = async (query: InputOf<'autoScaling', 'DescribeAutoScalingGroups'>, signal: AbortSignal) => {
    const pages = await readPages((next) =>
      caller.call('autoScaling', 'DescribeAutoScalingGroups', { ...query, MaxRecords: GROUPS_A_PAGE, ...next }, signal),
    )
    return pages.flatMap((page) => page.AutoScalingGroups ?? [])
  }
  const marks = gathering(MARKS_A_CALL, (values, signal) =>
    read({ Filters: [{ Name: `tag:${MARKS.fleet}`, Values: [...values] }] }, signal),
  )
  const names = gathering(GROUPS_A_PAGE, (values, signal) => read({ AutoScalingGroupNames: [...values] }, signal))
  return {
    async marked(mark, signal) {
      const found = await marks([mark], signal)
      return found.filter((one) => tagged(one.Tags, MARKS.fleet) === mark)
    },
    async named(wanted, signal) {
      const found = await names(wanted, signal)
      return found.filter((one) => wanted.includes(one.AutoScalingGroupName ?? ''))
    },
  }
}

type Read<Item> = (keys: readonly string[], signal: AbortSignal) => Promise<readonly Item[]>

interface Batch<Item> {
  readonly keys: Set<string>
  readonly answer: Promise<readonly Item[]>
}

/** Keys that are asked for before the process comes to its next turn are read in one go, so many at once. */
function gathering<Item>(most: number, read: Read<Item>): Read<Item> {
  let gathered: Batch<Item> | undefined
  const begin = (): Batch<Item> => {
    const keys = new Set<string>()
    // Whoever lets go of an answer that others wait for must not take it from them.
    const answer = nextTurn().then(() => {
      gathered = undefined
      return read([...keys], new AbortController().signal)
    })
    return { keys, answer }
  }
  return async (keys, signal) => {
    if (gathered !== undefined && gathered.keys.size + keys.length > most) gathered = undefined
    gathered ??= begin()
    for (const key of keys) gathered.keys.add(key)
    return await untilLetGo(gathered.answer, signal)
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

function untilLetGo<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const letGo = () => reject(callFailed('unknown', 'describe', 'The look was let go of.'))
    if (signal.aborted) return letGo()
    signal.addEventListener('abort', letGo, { once: true })
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', letGo))
  })
}
