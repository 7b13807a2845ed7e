import { it } from 'vitest'
import { metricContract } from '../../src/testing/contracts/metric-source.ts'
import { providerContract } from '../../src/testing/contracts/provider.ts'
import { routerContract } from '../../src/testing/contracts/router.ts'
import { called } from './harness.ts'
import { localCloud, localMetricOptions, localOptions } from './local.ts'

const cloud = await localCloud()
const options = await localOptions(cloud)

// Each test has a fleet of its own, and waits more than it works.
await providerContract(called('local', it.concurrent), options)
await routerContract(called('local', it.concurrent), options)
metricContract(called('local'), localMetricOptions(cloud, options.images.stable))
