import { routerContract } from '../../src/testing/contracts/router.ts'
import { called } from './harness.ts'
import { simulated, WAYS } from './simulated.ts'

for (const [way, options] of Object.entries(WAYS)) await routerContract(called(`simulated ${way}`), simulated(options))
