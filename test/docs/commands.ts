import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../tools/subpaths.ts'

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

/** What npm knows without a script. */
const NPM = new Set(['ci', 'install', 'pack'])
/** Programs that every reader has, and that leave nothing to prove here. */
const SHELL = new Set(['cd', 'git', 'mkdir', 'echo', 'cat', 'ls', 'curl', 'kill', 'rm'])

/** The single commands of a shell block, without comments. */
export function commandsIn(block: string): string[] {
  return block
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .flatMap((line) => line.split(/\s*(?:&&|\|\||[|;&])\s*/))
    .filter((command) => command !== '')
}

/** Why a command of a document cannot be what it says; `undefined` when it can. */
export function faultOf(command: string): string | undefined {
  const [program = '', ...rest] = command.split(/\s+/).filter((word) => !/^[A-Z_]+=/.test(word))
  if (program === 'npm') return npmFault(rest)
  if (program === 'node') return nodeFault(rest)
  if (program === 'npx') return rest.find((word) => /^(?:test|src|providers)\//.test(word) && !existsSync(join(root, word)))
  if (SHELL.has(program) || existsSync(join(root, program))) return undefined
  return `${program} is no command that these tests know`
}

function npmFault(words: readonly string[]): string | undefined {
  const [first = '', second = ''] = words
  if (first === 'exec') return faultOf(words.slice(words.indexOf('--') + 1).join(' '))
  if (NPM.has(first)) return undefined
  const name = first === 'run' ? second : first
  return name in scripts ? undefined : `package.json has no script "${name}"`
}

function nodeFault(words: readonly string[]): string | undefined {
  const path = words.find((word) => /\.(?:ts|mjs|js)$/.test(word) && !word.startsWith('./tools/'))
  if (path === undefined) return undefined
  if (!existsSync(join(root, path))) return `there is no ${path}`
  return isRun(path) ? undefined : `no test and no script runs ${path}`
}

/** Whether a test or a script names the file. */
export function isRun(path: string): boolean {
  const tests = globSync('test/**/*.ts', { cwd: root }).map((test) => readFileSync(join(root, test), 'utf8'))
  return [...Object.values(scripts), ...tests].some((text) => text.includes(path))
}
