import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import ts from 'typescript'
import { root } from '../../../tools/subpaths.ts'
import { atOffset, nodeCheck, type Finding, type Rule, type SourceText } from '../rule.ts'

/** Folders of one machine, and words about the making; the brackets keep this line from finding itself. */
const OUTSIDE =
  /\/(?:work|root|home\/\w+|tmp)\/|co-authored-b[y]|generated (?:by|with)|language mode[l]|\bissue #?\d|as instructe[d]/gi

/** The project speaks of itself. */
export const outside: Rule = {
  holds: "no text names a machine's folders or how the project was made",
  remedy: 'Use os.tmpdir() and paths from the project; say what is and why, not how it came about.',
  check: (files) =>
    files
      .filter((file) => !file.path.endsWith('LICENSE'))
      .flatMap((file) => [...file.text.matchAll(OUTSIDE)].map((match) => atOffset(file, match.index, match[0]))),
  bad: [
    { 'src/core/a.ts': ['// See /', 'work/main.'].join('') },
    { 'README.md': ['Closes iss', 'ue #12.'].join('') },
    { 'tools/a.mjs': ["const a = '/", "tmp/a'"].join('') },
  ],
  good: { 'README.md': 'Work/main, an issue of trust, `/var/tmp`.' },
}

/** `[text](target)` and `[text]: target`, but not what looks so within code. */
const LINKS = /\[[^\]\n]+\](?:\(([^)\s]+)\)|: (\S+))/g

/** The anchors that a document's headings have. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ +(.+)$/gm)].map((match) => match[1] ?? '')
  return new Set(
    headings.map((one) =>
      one
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  )
}

function deadLinks(file: SourceText, files: readonly SourceText[]): Finding[] {
  const prose = file.text.replace(/```[\s\S]*?```|`[^`\n]*`/g, (code) => code.replace(/[^\n]/g, ' '))
  return [...prose.matchAll(LINKS)].flatMap((match) => {
    const link = match[1] ?? match[2] ?? ''
    if (/^[a-z]+:/.test(link)) return []
    const [path = '', anchor] = link.split('#')
    const to = path === '' ? file.path : posix.join(posix.dirname(file.path), path)
    const document = files.find((one) => one.path === to)
    const there = document !== undefined || existsSync(`${root}${to}`)
    const anchored = anchor === undefined || document === undefined || anchorsOf(document.text).has(anchor)
    return there && anchored ? [] : [atOffset(file, match.index, link)]
  })
}

/** Links lead somewhere. */
export const links: Rule = {
  holds: 'relative links in documents lead to a file and, with #, to a heading of it',
  remedy: 'Mend the path, or the anchor: the heading in lower case with hyphens for spaces.',
  check: (files) => files.filter((file) => file.path.endsWith('.md')).flatMap((file) => deadLinks(file, files)),
  bad: [
    { 'README.md': 'See [it](docs/nowhere.md).' },
    { 'README.md': '# One\nSee [it](#two).' },
    { 'a/README.md': '[it]: ./nowhere.md' },
  ],
  good: {
    'README.md': '# One: `two`\nSee [it](#one-two), [that](a/b.md), [far](https://example.com) and `[not](this)`.',
    'a/b.md': '[back](../README.md)',
  },
}

const SWITCHES = new Set(['skip', 'skipIf', 'runIf', 'todo', 'only'])
const RUNNERS = /^(?:test|it|describe|suite|bench)(?:\.|$)/

/** Tests that do not run say why, where they run. */
export const skips: Rule = {
  holds: 'a test is skipped only from within, with a reason',
  remedy: "test('…', (context) => { if (missing) context.skip('needs …') }): the reason is printed, and .only never gets in.",
  check: nodeCheck(/^test\//, (node) => {
    if (!ts.isPropertyAccessExpression(node) || !SWITCHES.has(node.name.text)) return undefined
    if (RUNNERS.test(node.expression.getText())) return node.getText()
    const call = node.parent
    const silent =
      node.name.text === 'skip' && ts.isCallExpression(call) && call.expression === node && call.arguments.length === 0
    return silent ? call.getText() : undefined
  }),
  bad: [
    { 'test/a.test.ts': "test.skip('a', () => {})" },
    { 'test/a.test.ts': "describe.skipIf(true)('a', () => {})" },
    { 'test/a.test.ts': "test.concurrent.only('a', () => {})" },
    { 'test/a.test.ts': "test('a', (context) => { context.skip() })" },
  ],
  good: {
    'test/a.test.ts': "test('a', ({ skip }) => { skip('needs a reason') })\ntest('b', (context) => context.skip('needs b'))",
  },
}
