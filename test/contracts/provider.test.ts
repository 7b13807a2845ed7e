import { providerContract } from '../../src/testing/contracts/provider.ts'
import { called } from './harness.ts'
import { simulated, WAYS } from './simulated.ts'

for (const [way, options] of Object.entries(WAYS)) await providerContract(called(`simulated ${way}`), simulated(options))
