// The least time a replacement can take: reads what was drawn and what is allowed as JSON from stdin, prints milliseconds.
// It knows nothing of imago: whatever may begin is begun at once, and nothing is ever waited for but what the rules name.
import { json } from 'node:stream/consumers'

/** What was drawn, in the order of launching and of draining, and the rules. */
export interface Task {
  readonly boots: readonly number[]
  readonly drains: readonly number[]
  /** Time between the two looks that a decision asks for. */
  readonly apartMs: number
  readonly rules: ByShare | OneByOne
}

/** A second fleet beside the first: so many instances, which must stand for so long, then more. */
export interface ByShare {
  readonly kind: 'by-share'
  readonly steps: readonly { readonly size: number; readonly bakeMs: number }[]
}

/** Exchanged within a budget; all capacity is the floor. */
export interface OneByOne {
  readonly kind: 'one-by-one'
  readonly surge: number
  readonly soakMs: number
}

/** Each step's instances boot side by side; the old ones drain from the last step on. */
function byShare({ boots, drains, apartMs }: Task, { steps }: ByShare): number {
  let [at, launched] = [0, 0]
  steps.forEach(({ size, bakeMs }, index) => {
    at += Math.max(0, ...boots.slice(launched, size))
    launched = Math.max(launched, size)
    const last = index === steps.length - 1
    at += Math.max(apartMs, bakeMs, ...(last ? drains : []))
  })
  return at
}

/** Every place beyond the floor is a slot: boot, soak, then an old instance drains, and the slot is free again. */
function oneByOne({ boots, drains, apartMs }: Task, { surge, soakMs }: OneByOne): number {
  const slots = Array.from({ length: surge }, () => 0)
  let end = 0
  boots.forEach((boot, index) => {
    const slot = slots.indexOf(Math.min(...slots))
    const proven = (slots[slot] ?? 0) + boot + soakMs
    slots[slot] = proven + (drains[index] ?? 0)
    end = Math.max(end, slots[slot] ?? 0)
  })
  return end + apartMs
}

const task = (await json(process.stdin)) as Task
console.log(task.rules.kind === 'by-share' ? byShare(task, task.rules) : oneByOne(task, task.rules))
