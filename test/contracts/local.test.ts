import { it } from 'vitest'
import { providerContract } from '../../src/testing/contracts/provider.ts'
import { routerContract } from '../../src/testing/contracts/router.ts'
import { called } from './harness.ts'
import { localCloud, localOptions } from './local.ts'

const options = await localOptions(await localCloud())

// Each test has a fleet of its own, and waits more than it works.
await providerContract(called('local', it.concurrent), options)
await routerContract(called('local', it.concurrent), options)
