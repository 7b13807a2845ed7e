import type { Cause, Severed, Span, World } from 'imago/testing'

/** Sends requests to machines. */
export interface Carrier {
  readonly world: World
  /** Tells every machine whether it gets requests. */
  carry(): void
  /** Machines, each with the group that it is in. */
  machines(): Iterable<readonly [id: string, group: string]>
}

/** Requests that are under way, and the book of those that were cut off. */
export interface Requests {
  readonly severed: readonly Severed[]
  /** Until when a machine that gets no more is still at those that it got; 0 when it is at none. */
  drainsUntil(id: string): number
}

/** Sees to it that requests reach whom they reach. @param drainMs how long those that are under way take. */
export function watchRequests({ world, carry, machines }: Carrier, drainMs: Span): Requests {
  const chance = world.random('requests under way')
  const severed: Severed[] = []
  const until = new Map<string, number>()
  let loaded = new Map<string, string>()
  const sever = (instance: string, group: string, cause: Cause, reached: boolean) =>
    void severed.push({ at: world.now, group, instance, cause, reached })
  world.observe(() => {
    carry()
    const before = loaded
    loaded = new Map()
    for (const [id, group] of machines()) if (world.machines.find(id)?.loaded === true) loaded.set(id, group)
    for (const [id, group] of before) {
      if (loaded.has(id)) continue
      const { cause, state } = world.machines.find(id)!
      if (state === 'dead') sever(id, group, cause, true)
      else until.set(id, world.now + chance.whole(...drainMs))
    }
    for (const [id, endsAt] of until) {
      const machine = world.machines.find(id)
      if (machine?.state === 'dead' && endsAt > world.now) sever(id, '', machine.cause, false)
      if (machine?.state === 'dead' || endsAt <= world.now || loaded.has(id)) until.delete(id)
    }
  })
  return { severed, drainsUntil: (id) => until.get(id) ?? 0 }
}
