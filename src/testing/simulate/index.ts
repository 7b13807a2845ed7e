export { runScenario, type RunResult } from './run.ts'
export { drawScenario, type Scenario } from './scenario.ts'
export type { Violation } from './checkers/index.ts'
export { summarise, type Summary } from './summary.ts'
