import { validation } from '../fault.ts'

/** A page of a list, and the token of the next one. @throws Fault for more than a page may have. */
export function page<Item>(
  all: readonly Item[],
  token: string | undefined,
  size: number,
  most: number,
): { items: readonly Item[]; next: string | undefined } {
  if (size > most) throw validation(`The value ${size} is more than the ${most} that are allowed.`)
  const from = token === undefined ? 0 : Number(token)
  const to = from + size
  return { items: all.slice(from, to), next: to < all.length ? String(to) : undefined }
}
