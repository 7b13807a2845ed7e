import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../tools/subpaths.ts'
import { atMost, plain, type Bench } from './lib/bench.ts'
import { median } from './lib/numbers.ts'

const run = promisify(execFile)
const RUNS = 20
const MOST_MS = 40
const MOST_KB = 300
/** What a program that rolls on a cloud imports, beside the package itself. */
const CLOUDS = ['imago/aws', 'imago/azure', 'imago/gcp'] as const
const NOTHING = 'nothing'
/** Whatever a cloud's own client is called. */
const SDK = /^@?(?:aws|azure|google|smithy|gcp|amazon)|kubernetes|temporal/i

/** Lists every module as it is resolved. */
const HOOK = `
import { registerHooks } from 'node:module'
registerHooks({ resolve(name, context, next) { const found = next(name, context); console.log(found.url); return found } })
`

/** What it costs a program to import the package as its users get it. */
export const bench: Bench = {
  name: 'import',
  how: `the built package, packed and unpacked in an empty folder beside its own dependencies, where no cloud SDK is; whole processes that import 'imago', or that and one cloud's part, and a bare node -e 0 in turns, ${RUNS} of each, the differences of their medians; each says at its end what memory it holds (its resident set); the modules are those that a resolve hook lists`,
  async run({ quick }) {
    const folder = await mkdtemp(join(tmpdir(), 'imago-import-'))
    try {
      const tarball = await packed(folder, quick)
      const user = await installed(folder, tarball)
      const programs = [NOTHING, 'imago', ...CLOUDS]
      const costs = await costsOf(user, programs, quick ? 1 : RUNS)
      const over = (program: string, of: keyof Cost) => costs[program]![of] - costs[NOTHING]![of]
      const modules = Object.fromEntries(await Promise.all(programs.map(async (one) => [one, await loaded(user, one)] as const)))
      const ofClouds = CLOUDS.flatMap((one) => [
        plain(`import '${one}' too, over it`, over(one, 'ms'), 'ms'),
        plain(`memory of '${one}' too, over it`, over(one, 'mb'), 'MB'),
      ])
      return [
        plain('a bare node -e 0', costs[NOTHING]!.ms, 'ms'),
        atMost(MOST_MS, "import 'imago' over it", over('imago', 'ms'), 'ms'),
        plain("memory of 'imago', over it", over('imago', 'mb'), 'MB'),
        plain('modules loaded', modules['imago']!.length),
        ...ofClouds,
        atMost(
          0,
          'modules of a cloud SDK loaded',
          Object.values(modules)
            .flat()
            .filter((url) => SDK.test(packageOf(url))).length,
        ),
        atMost(MOST_KB, 'the tarball', (await stat(tarball)).size / 1_000, 'kB'),
      ]
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** What the build and the tarball are made of. */
const SOURCES = ['package.json', 'README.md', 'LICENSE', 'tsconfig.json', 'tsup.config.ts', 'src', 'providers', 'tools']

/** Built and packed from a copy: others may be using what was built in the working tree. The small form leaves the types out. */
async function packed(folder: string, quick: boolean): Promise<string> {
  const stage = join(folder, 'stage')
  await mkdir(stage)
  for (const name of SOURCES) await cp(join(root, name), join(stage, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(stage, 'node_modules'))
  await run('npx', ['tsup', '--silent', ...(quick ? ['--no-dts'] : [])], { cwd: stage })
  await run('npm', ['pack', '--loglevel=error', '--ignore-scripts', '--pack-destination', folder], { cwd: stage })
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack packed nothing.')
  return join(folder, tarball)
}

/** As npm would install it, from what this project has installed: the package and what it depends on, nothing else. */
async function installed(folder: string, tarball: string): Promise<string> {
  const user = join(folder, 'user')
  const own = join(user, 'node_modules', 'imago')
  await mkdir(own, { recursive: true })
  await writeFile(join(user, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  await writeFile(join(user, 'hook.mjs'), HOOK)
  await run('tar', ['-xzf', tarball, '-C', own, '--strip-components=1'])
  await bring(await dependenciesOf(own), join(user, 'node_modules'))
  return user
}

async function bring(names: readonly string[], into: string): Promise<void> {
  for (const name of names) {
    const from = join(root, 'node_modules', name)
    await cp(from, join(into, name), { recursive: true })
    await bring(await dependenciesOf(from), into)
  }
}

async function dependenciesOf(folder: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { dependencies?: object }
  return Object.keys(manifest.dependencies ?? {})
}

/** Medians of a program's time and memory. */
interface Cost {
  readonly ms: number
  readonly mb: number
}

/** In turns, so that what else the machine does falls on all of them. */
async function costsOf(user: string, programs: readonly string[], runs: number): Promise<Readonly<Record<string, Cost>>> {
  const costs = new Map(programs.map((one) => [one, [] as Cost[]]))
  // The first of each finds its files on disk.
  for (let index = 0; index <= runs; index++)
    for (const one of programs) {
      const cost = await costOf(user, one)
      if (index > 0) costs.get(one)!.push(cost)
    }
  const middle = (all: readonly Cost[]): Cost => ({ ms: median(all.map((one) => one.ms)), mb: median(all.map((one) => one.mb)) })
  return Object.fromEntries([...costs].map(([program, all]) => [program, middle(all)]))
}

async function costOf(user: string, program: string): Promise<Cost> {
  const began = performance.now()
  const { stdout } = await run(process.execPath, importing(program, 'console.log(process.memoryUsage.rss())'), { cwd: user })
  return { ms: performance.now() - began, mb: Number(stdout) / 1_000_000 }
}

async function loaded(user: string, program: string): Promise<string[]> {
  const { stdout } = await run(process.execPath, ['--import', './hook.mjs', ...importing(program)], { cwd: user })
  return [...new Set(stdout.trimEnd().split('\n'))]
}

/** @param then what it does at its end. */
function importing(program: string, then = ''): string[] {
  if (program === NOTHING) return ['-e', `0\n${then}`]
  const names = [...new Set(['imago', program])]
  return ['--input-type=module', '-e', [...names.map((one) => `import '${one}'`), then].join('\n')]
}

/** The package of a module's address; '' for Node's own. */
function packageOf(url: string): string {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? ''
}
