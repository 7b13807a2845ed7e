import { createImago as assemble, type Imago } from './engine/imago.ts'
import type { ImagoOptions } from './engine/options.ts'
import { sqlite } from './stores/sqlite.ts'

/** What imago is made of; without a store, journals are kept by SQLite in the user's state folder. */
export type CreateOptions<Providers extends string = string, Checks extends string = string> = Omit<
  ImagoOptions<Providers, Checks>,
  'store'
> &
  Partial<Pick<ImagoOptions<Providers, Checks>, 'store'>>

/** Makes an imago. Does no I/O. @throws RolloutError `spec-invalid`. */
export function createImago<const Providers extends string, const Checks extends string = never>(
  options: CreateOptions<Providers, Checks>,
): Imago<Providers, Checks> {
  // Copied, so that even nothing at all is for the check of options to refuse.
  const { store = sqlite(), ...more } = { ...options }
  return assemble({ ...more, store })
}
