import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { mutants } from '../../tools/mutants/patches.ts'
import { root } from '../../tools/subpaths.ts'

const [mutant] = mutants()

test.for([
  ['a run', []],
  ['a run on AWS', ['--on', 'aws']],
  ['a run of a mutant', ['--mutant', mutant?.name ?? expect.fail('there are mutants')]],
] as const)('%s says how it is had again, and so it is', ([, more]) => {
  const told = (given: readonly string[]) => simulated(...given).stderr
  const first = told(['--seed', '7', '--trace', ...more])
  const again = /^The same again: npm run simulate -- (.*)$/m.exec(first)?.[1] ?? expect.fail(first)
  expect(again).toBe(['--seed', '7', ...more, '--trace'].join(' '))
  expect(told(again.split(' '))).toBe(first)
})

test('a cloud that nothing can be played on is refused, with those that there are', () => {
  expect(simulated('--on', 'moon')).toMatchObject({
    status: 2,
    stderr: '--on takes aws, gcp or azure, not "moon".\n',
    stdout: '',
  })
})

function simulated(...given: readonly string[]) {
  const program = ['--import', './tools/source.mjs', 'tools/simulate.ts', ...given]
  return spawnSync(process.execPath, program, { cwd: root, encoding: 'utf8' })
}
