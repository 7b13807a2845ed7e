export { pathsOf } from './problems.ts'
export { processOn, type Process, type ProcessSetUp } from './process.ts'
export { metric, ofType } from './rollouts.ts'
export { createSite, type Site } from './site.ts'
