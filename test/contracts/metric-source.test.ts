import { metricContract } from '../../src/testing/contracts/metric-source.ts'
import { called } from './harness.ts'
import { endpoints, functions, simulatedMetrics } from './metric-sites.ts'

metricContract(called('simulated'), simulatedMetrics())
metricContract(called('function'), functions)
metricContract(called('HTTP endpoint'), endpoints)
