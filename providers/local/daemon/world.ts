import { callFailed } from '../../../src/core/errors.ts'
import type { At } from '../../../src/core/snapshot.ts'
import type { LaunchSettings } from '../launch/settings.ts'
import type { LocalPaths } from '../paths.ts'
import type { Book } from './book.ts'
import type { Keeper } from './keeper.ts'
import type { Prober } from './prober.ts'
import type { Publisher } from './publisher.ts'
import type { CloudState } from './state.ts'

/** What an operation can see and do. */
export interface World {
  readonly book: Book
  readonly paths: LocalPaths
  readonly keeper: Keeper
  readonly publisher: Publisher
  readonly prober: Prober
  settingsOf(release: string): LaunchSettings
  verify(image: string): Promise<string | undefined>
  now(): At
  /** Something is to be done. */
  wake(): void
  /** Ends this daemon once its answer is out. */
  quit(): void
}

/** One call of a client. */
export interface Call {
  readonly name: string
  /** The same for every attempt of one command. @default - each attempt stands for itself */
  readonly token?: string
  readonly expiresAt: At
}

/** Tokens remembered; far more than a client can have under way before its calls expire. */
const TOKENS_KEPT = 500

/** Changes the state for a call: once for each token, never after the call has expired, and stored before it is answered. */
export function change(world: World, call: Call, edit: (draft: CloudState) => void): Record<string, never> {
  if (world.now() > call.expiresAt)
    throw callFailed('transient', call.name, 'The call came too late and was not begun; make it again.')
  world.book.change((draft) => {
    const done = call.token === undefined ? undefined : `${call.name} ${call.token}`
    if (done !== undefined && draft.done.includes(done)) return
    edit(draft)
    if (done !== undefined) draft.done = [...draft.done, done].slice(-TOKENS_KEPT)
  })
  world.wake()
  return {}
}
