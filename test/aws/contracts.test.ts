import { providerContract, routerContract } from 'imago/testing'
import { called } from '../contracts/harness.ts'
import { wire } from './contracts.ts'
import { testTheWire } from './site.ts'

await providerContract(called('aws'), wire)
await routerContract(called('aws'), wire)

testTheWire()
