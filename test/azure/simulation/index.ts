export { azurePlayground } from './playground.ts'
export { drawAzureScenario, LACKING } from './scenario.ts'
