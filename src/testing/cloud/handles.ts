import type { HandleView } from '../../core/snapshot.ts'

/** What became of accepted calls, by handle. */
export class Handles {
  readonly #views = new Map<string, HandleView>()
  #count = 0

  /** A handle for a call that is under way. */
  open(): string {
    const handle = `operation-${++this.#count}`
    this.#views.set(handle, { state: 'pending' })
    return handle
  }

  settle(handle: string, view: HandleView): void {
    this.#views.set(handle, view)
  }

  find(handle: string): HandleView | undefined {
    return this.#views.get(handle)
  }
}
