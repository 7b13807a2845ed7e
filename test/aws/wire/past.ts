import type { Machine, World } from 'imago/testing'
import type { Account } from './account.ts'

/** What reads are answered from: all that is called the same in an {@link Account}. */
const BOOKS = [
  'images',
  'templates',
  'instances',
  'groups',
  'targetGroups',
  'listeners',
  'rules',
  'parameters',
  'alarms',
] as const

/** An account as it was from one moment until the next that is remembered. */
interface Page {
  readonly since: number
  readonly books: Pick<Account, (typeof BOOKS)[number]>
  readonly machines: ReadonlyMap<string, Machine>
}

/** From now on an account remembers how it was, for reads that lag by so much at most. Where nobody asks for it nothing is remembered. */
export function rememberPast(account: Account, keepMs: number): void {
  const { world } = account
  const pages: Page[] = [{ since: -Infinity, ...copied(account) }]
  const remember = () => {
    const since = world.now
    // What was in force when the longest lag began is still needed; what came before it is not.
    while (pages.length > 1 && pages[1]!.since <= since - keepMs) pages.shift()
    if (pages.at(-1)?.since === since) pages.pop()
    pages.push({ since, ...copied(account) })
  }
  world.observe(remember)
  account.asOf = (moment) => {
    const page = pages.findLast((one) => one.since <= moment) ?? pages[0]!
    return page === pages.at(-1) ? account : { ...account, ...page.books, world: worldAsOf(world, moment, page.machines) }
  }
}

function copied(account: Account): Pick<Page, 'books' | 'machines'> {
  const books = Object.fromEntries(BOOKS.map((name) => [name, copyOf(account[name])])) as Page['books']
  const machines = [...account.instances.keys()].flatMap((id) => account.world.machines.find(id) ?? [])
  return { books, machines: new Map(machines.map((one) => [one.id, { ...one }])) }
}

/** A copy of plain data, all the way down. */
function copyOf<Data>(data: Data): Data
function copyOf(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data
  if (Array.isArray(data)) return data.map(copyOf)
  if (data instanceof Map) return new Map([...data].map(([key, value]) => [key, copyOf(value)]))
  if (data instanceof Set) return new Set(data)
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, copyOf(value)]))
}

/** All of a world that a read asks for; whatever changes it has members of its own that this one lacks. */
function worldAsOf(world: World, now: number, machines: ReadonlyMap<string, Machine>): World {
  const past = { now: { value: now }, machines: { value: { find: (id: string) => machines.get(id) } } }
  return Object.create(world, past) as World
}
