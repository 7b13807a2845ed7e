import { join } from 'node:path'
import { sqlite } from '../../src/stores/sqlite.ts'
import { storeContract } from '../../src/testing/contracts/store.ts'
import { harness } from './contract-harness.ts'
import { testFolder } from './folder.ts'

storeContract(harness, {
  create() {
    const path = join(testFolder(), 'rollouts.db')
    return { open: () => sqlite({ path }) }
  },
})
