// Everything that must hold before a change is done, in the order in which a fault is cheapest to find. CI runs this and nothing else.
import { spawnSync } from 'node:child_process'

/** Scripts of package.json. The last one is the tests, whose own closing line ends the output. */
const steps = ['check:lock', 'typecheck', 'lint', 'build', 'check:package', 'check:docs', 'check:unused', 'check:simulation']

for (const step of steps) {
  const startedAt = performance.now()
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', step], { encoding: 'utf8' })
  const outcome = status === 0 ? 'ok    ' : 'failed'
  console.log(`${outcome}  ${step.padEnd(16)}  ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)
  if (status === 0) continue
  console.log(`${stdout}${stderr}\nFound by: npm run ${step}`)
  process.exit(1)
}
const { status } = spawnSync('npm', ['test', '--silent'], { stdio: 'inherit' })
process.exitCode = status ?? 1
