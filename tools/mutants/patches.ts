import { readdirSync, readFileSync } from 'node:fs'
import { root } from '../subpaths.ts'

/** Where the patches stand, apart from the product. */
export const FOLDER = `${root}test/mutants/`

/** One small change that breaks a promise, and who has to notice. */
export interface Mutant {
  readonly name: string
  /** Path of the patch. */
  readonly file: string
  readonly laws: readonly string[]
  readonly invariants: readonly string[]
  /** `simulate`, or the test file that must fail. */
  readonly finder: string
  /** The checkers that noticed it when it was last measured. */
  readonly foundBy: readonly string[]
  /** Seeds until it was found, the median of ten starts, when it was last measured. @default - never measured */
  readonly median?: number
  /** What is broken, in one sentence. */
  readonly breaks: string
}

/** Every mutant, or those of these names. @throws Error for a name that is none, and for a patch without its header. */
export function mutants(names: readonly string[] = []): readonly Mutant[] {
  const all = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.patch'))
    .toSorted()
    .map((file) => mutantOf(file.replace('.patch', ''), `${FOLDER}${file}`))
  for (const name of names)
    if (!all.some((one) => one.name === name)) throw new Error(`There is no mutant ${name}; there are ${list(all)}.`)
  return names.length === 0 ? all : all.filter((one) => names.includes(one.name))
}

function list(all: readonly Mutant[]): string {
  return all.map((one) => one.name).join(', ')
}

/** A header is lines of `key: value`, then the sentence; the difference follows. */
function mutantOf(name: string, file: string): Mutant {
  const fields = new Map<string, string>()
  const sentence: string[] = []
  for (const line of headerOf(readFileSync(file, 'utf8')).split('\n')) {
    const field = /^(law|invariant|finder|found by|median): (.+)$/.exec(line)
    if (field?.[1] !== undefined && field[2] !== undefined) fields.set(field[1], field[2])
    else if (line !== '') sentence.push(line)
  }
  const median = fields.get('median')
  const mutant = {
    name,
    file,
    laws: split(fields.get('law')),
    invariants: split(fields.get('invariant')),
    finder: fields.get('finder') ?? '',
    foundBy: split(fields.get('found by')),
    ...(median === undefined ? {} : { median: Number(median) }),
    breaks: sentence.join(' '),
  }
  if (mutant.laws.length + mutant.invariants.length === 0 || mutant.finder === '' || mutant.breaks === '')
    throw new Error(`${file} says what it breaks (law: or invariant:), its finder: and, in one sentence, how.`)
  return mutant
}

/** What stands before the difference itself. */
export function headerOf(patch: string): string {
  return patch.slice(0, Math.max(0, patch.search(/^(diff --git|--- )/m)))
}

function split(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(/, */)
}
