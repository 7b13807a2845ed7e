import { providerContract, routerContract } from 'imago/testing'
import { called } from '../contracts/harness.ts'
import { wire } from './contracts.ts'
import { testTheWire } from './site.ts'

await providerContract(called('aws'), wire('app'))
await routerContract(called('aws, application load balancer'), wire('app'))
await routerContract(called('aws, application load balancer with a preview'), wire('app with a preview'))
await routerContract(called('aws, network load balancer'), wire('net'))

testTheWire()
