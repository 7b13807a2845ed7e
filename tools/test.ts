// Runs the tests and ends with one plain line, `N passed, N failed, N skipped`. Arguments are those of `vitest run`.
import { parseCLI, startVitest, type TestCase, type Vitest } from 'vitest/node'
import { runSeed } from './seed.ts'

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)])
const counts = { passed: 0, failed: 0, skipped: 0 }

try {
  const vitest = await startVitest('test', filter, { ...options, watch: false })
  count(vitest)
  await vitest.close()
} catch (error) {
  counts.failed += 1
  console.error(error)
}
if (counts.failed > 0 || counts.passed === 0) {
  process.exitCode = 1
  console.log(`The same draws again: IMAGO_SEED=${runSeed()} npm test`)
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)

/** A file that does not load has no tests and an error that nobody caught belongs to none: each is one failure. */
function count(vitest: Vitest): void {
  counts.failed += vitest.state.getUnhandledErrors().length
  for (const module of vitest.state.getTestModules()) {
    for (const test of module.children.allTests()) countTest(test, vitest)
    if (module.errors().length > 0) counts.failed += 1
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed += 1
  }
}

function countTest(test: TestCase, vitest: Vitest): void {
  const result = test.result()
  if (result.state !== 'skipped') {
    counts[result.state === 'passed' ? 'passed' : 'failed'] += 1
    return
  }
  counts.skipped += 1
  if (vitest.config.testNamePattern !== undefined) return
  console.log(`skipped: ${test.fullName}: ${result.note ?? 'no reason'}`)
  if (result.note !== undefined) return
  counts.failed += 1
  console.error(`${test.module.moduleId}: a skipped test says why: context.skip('needs …') inside the test.`)
}
