import type { RolloutStore } from '../../core/ports.ts'
import type { Harness } from './harness.ts'
import { cellTests } from './store/cells.ts'
import { handleTests } from './store/handles.ts'
import type { StoreTest, StoreTestBody } from './store/kit.ts'
import { logTests } from './store/log.ts'
import { nameTests } from './store/names.ts'
import { raceTests } from './store/races.ts'

/** One empty store, as its users see it. */
export interface StoreSite {
  /** A handle of this store, as another process would open it; the suite closes it. */
  open(): RolloutStore
  /** Removes what the store left behind. @default - nothing was left */
  dispose?(): void | Promise<void>
}

/** What the suite is told about the adapter. */
export interface StoreContractOptions {
  /** Makes an empty store; called for every test. */
  create(): StoreSite | Promise<StoreSite>
}

/** Declares the tests that every {@link RolloutStore} must pass: each sentence of the port is one of them or more. */
export function storeContract(harness: Harness, options: StoreContractOptions): void {
  const test: StoreTest = (name, body) => harness.it(name, () => withStore(options, body))
  harness.describe('a rollout store', () => {
    harness.describe('its log', () => logTests(test))
    harness.describe('names of streams', () => nameTests(test))
    harness.describe('its cells', () => cellTests(test))
    harness.describe('races', () => raceTests(test))
    harness.describe('handles', () => handleTests(test))
  })
}

async function withStore(options: StoreContractOptions, body: StoreTestBody): Promise<void> {
  const site = await options.create()
  const handles: RolloutStore[] = []
  const open = () => {
    const handle = site.open()
    handles.push(handle)
    return handle
  }
  try {
    await body(open(), open)
  } finally {
    for (const handle of handles) await handle.close()
    await site.dispose?.()
  }
}
