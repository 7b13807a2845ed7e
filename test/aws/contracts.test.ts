import { providerContract, routerContract } from 'imago/testing'
import { called } from '../contracts/harness.ts'
import { share } from '../kit/share.ts'
import { wire } from './contracts.ts'
import { testTheWire } from './site.ts'

await providerContract(called('aws'), wire('app'))

const ROUTERS = [
  ['application load balancer', 'app'],
  ['application load balancer with a preview', 'app with a preview'],
  ['network load balancer', 'net'],
] as const

for (const [name, balancer] of share(ROUTERS, 3)) await routerContract(called(`aws, ${name}`), wire(balancer))

testTheWire()
