export { awsPlayground } from './playground.ts'
export { drawAwsScenario, LACKING } from './scenario.ts'
