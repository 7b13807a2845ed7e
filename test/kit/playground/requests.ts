import type { Cause, Severed, Span, World } from 'imago/testing'

/** Sends requests to machines. */
export interface Carrier {
  readonly world: World
  /** Tells every machine whether it gets requests. */
  carry(): void
  /** Machines that are, or will be, somebody's. */
  machines(): Iterable<Owned>
}

/** A machine, and whose it is, as the adapter calls them. */
export type Owned = Pick<Severed, 'machine' | 'instance' | 'group'>

/** Requests that are under way, and the book of those that were cut off. */
export interface Requests {
  readonly severed: readonly Severed[]
  /** Until when a machine that gets no more is still at those that it got; 0 when it is at none. */
  drainsUntil(machine: string): number
}

/** Sees to it that requests reach whom they reach. @param drainMs how long those that are under way take. */
export function watchRequests({ world, carry, machines }: Carrier, drainMs: Span): Requests {
  const chance = world.random('requests under way')
  const severed: Severed[] = []
  const draining = new Map<string, { readonly owned: Owned; readonly endsAt: number }>()
  let loaded = new Map<string, Owned>()
  const sever = (owned: Owned, cause: Cause, reached: boolean) => void severed.push({ at: world.now, ...owned, cause, reached })
  world.observe(() => {
    carry()
    const before = loaded
    loaded = new Map()
    for (const owned of machines()) if (world.machines.find(owned.machine)?.loaded === true) loaded.set(owned.machine, owned)
    for (const [id, owned] of before) {
      if (loaded.has(id)) continue
      const { cause, state } = world.machines.find(id)!
      if (state === 'dead') sever(owned, cause, true)
      else draining.set(id, { owned, endsAt: world.now + chance.whole(...drainMs) })
    }
    for (const [id, { owned, endsAt }] of draining) {
      const machine = world.machines.find(id)
      if (machine?.state === 'dead' && endsAt > world.now) sever(owned, machine.cause, false)
      if (machine?.state === 'dead' || endsAt <= world.now || loaded.has(id)) draining.delete(id)
    }
  })
  return { severed, drainsUntil: (machine) => draining.get(machine)?.endsAt ?? 0 }
}
