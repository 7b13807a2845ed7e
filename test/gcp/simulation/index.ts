export { gcpPlayground } from './playground.ts'
export { drawGcpScenario, LACKING } from './scenario.ts'
