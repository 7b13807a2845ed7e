/** Something that will happen, and can be called off. */
export interface Timer {
  cancel(): void
}

/** What waits in the queue. */
export interface Entry {
  readonly at: number
  /** Of those at the same moment, the one scheduled first happens first. */
  readonly order: number
  readonly run: () => void
  cancelled: boolean
}

/** Entries by moment. A cancelled one costs nothing but its place until it is passed or swept. */
export interface Queue {
  push(at: number, run: () => void): Timer
  /** Takes the next entry out; `undefined` when nothing waits. */
  pop(): Entry | undefined
  /** Moment of the next entry. */
  peek(): number | undefined
}

/** Below this many cancelled entries sweeping is not worth it. */
const SWEEP_FROM = 64

/** Makes an empty queue: a binary heap. */
export function createQueue(): Queue {
  let heap: Entry[] = []
  let order = 0
  let cancelled = 0

  function sweep(): void {
    heap = heap.filter((entry) => !entry.cancelled)
    cancelled = 0
    for (let index = (heap.length >> 1) - 1; index >= 0; index--) sink(heap, index)
  }

  function skipCancelled(): void {
    while (heap[0]?.cancelled === true) {
      takeFirst(heap)
      cancelled--
    }
  }

  return {
    push(at, run) {
      const entry: Entry = { at, order: order++, run, cancelled: false }
      heap.push(entry)
      rise(heap, heap.length - 1)
      return {
        cancel() {
          if (entry.cancelled) return
          entry.cancelled = true
          if (++cancelled > SWEEP_FROM && cancelled * 2 > heap.length) sweep()
        },
      }
    },
    pop() {
      skipCancelled()
      const entry = takeFirst(heap)
      // It is no longer in the heap: to cancel it now must not be counted.
      if (entry !== undefined) entry.cancelled = true
      return entry
    },
    peek() {
      skipCancelled()
      return heap[0]?.at
    },
  }
}

function takeFirst(heap: Entry[]): Entry | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (last !== undefined && heap.length > 0) {
    heap[0] = last
    sink(heap, 0)
  }
  return first
}

function rise(heap: Entry[], from: number): void {
  const entry = heap[from]!
  let index = from
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!before(entry, heap[parent]!)) break
    heap[index] = heap[parent]!
    index = parent
  }
  heap[index] = entry
}

function sink(heap: Entry[], from: number): void {
  const entry = heap[from]!
  let index = from
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
    if (!before(heap[child]!, entry)) break
    heap[index] = heap[child]!
    index = child
  }
  heap[index] = entry
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
