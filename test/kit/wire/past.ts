import type { Machine, World } from 'imago/testing'

/** A cloud as it was from one moment until the next that is remembered. */
interface Page<Books> {
  readonly since: number
  readonly books: Books
  readonly machines: ReadonlyMap<string, Machine>
}

/** A cloud that can be read as it was: of its members some are what it knows. */
interface Remembering<Cloud> {
  readonly world: World
  asOf(moment: number): Cloud
}

/**
 * From now on a cloud remembers how it was, for reads that lag by so much at most. Where nobody asks for it nothing is remembered.
 *
 * @param books what reads are answered from.
 * @param machinesOf ids of the world's machines that are read of.
 */
export function rememberPast<Cloud extends Remembering<Cloud>>(
  cloud: Cloud,
  books: readonly (keyof Cloud)[],
  machinesOf: (cloud: Cloud) => Iterable<string>,
  keepMs: number,
): void {
  const { world } = cloud
  const copied = () => {
    const machines = [...machinesOf(cloud)].flatMap((id) => world.machines.find(id) ?? [])
    return {
      books: Object.fromEntries(books.map((name) => [name, copyOf(cloud[name])])) as Partial<Cloud>,
      machines: new Map(machines.map((one) => [one.id, { ...one }])),
    }
  }
  const pages: Page<Partial<Cloud>>[] = [{ since: -Infinity, ...copied() }]
  world.observe(() => {
    const since = world.now
    // What was in force when the longest lag began is still needed; what came before it is not.
    while (pages.length > 1 && pages[1]!.since <= since - keepMs) pages.shift()
    if (pages.at(-1)?.since === since) pages.pop()
    pages.push({ since, ...copied() })
  })
  cloud.asOf = (moment) => {
    const page = pages.findLast((one) => one.since <= moment) ?? pages[0]!
    return page === pages.at(-1) ? cloud : { ...cloud, ...page.books, world: worldAsOf(world, moment, page.machines) }
  }
}

/** A copy of plain data, all the way down; what is in it twice is one thing in the copy too. */
function copyOf<Data>(data: Data, known?: Map<object, object>): Data
function copyOf(data: unknown, known = new Map<object, object>()): unknown {
  if (typeof data !== 'object' || data === null) return data
  const before = known.get(data)
  if (before !== undefined) return before
  const copy = copyAnew(data, known)
  known.set(data, copy)
  return copy
}

function copyAnew(data: object, known: Map<object, object>): object {
  if (Array.isArray(data)) return data.map((one: unknown) => copyOf(one, known))
  if (data instanceof Map) return new Map([...data].map(([key, value]) => [key, copyOf(value, known)]))
  if (data instanceof Set) return new Set(data)
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, copyOf(value, known)]))
}

/** All of a world that a read asks for; whatever changes it has members of its own that this one lacks. */
function worldAsOf(world: World, now: number, machines: ReadonlyMap<string, Machine>): World {
  const past = { now: { value: now }, machines: { value: { find: (id: string) => machines.get(id) } } }
  return Object.create(world, past) as World
}
