import ts from 'typescript'
import { at, nodes, type Finding, type Rule, type SourceText } from '../rule.ts'

const FILE_LINES = 300
const FUNCTION_LINES = 60

/**
 * What is longer all the same, and by how much: a path, or path#function. A number here may only fall,
 * and a line goes away with its cause.
 */
const LONGER: Readonly<Record<string, number>> = {}

/** Lines of each file and function that has more than it should, by name. */
function lengths(
  file: SourceText,
): { readonly name: string; readonly lines: number; readonly limit: number; readonly node: ts.Node }[] {
  const functions = /^(?:src|providers|tools|examples)\//.test(file.path)
    ? [...nodes(file.tree)].filter((node) => ts.isFunctionLike(node))
    : []
  return [
    { name: file.path, lines: linesOf(file.text.trimEnd()), limit: FILE_LINES, node: file.tree },
    ...functions.map((node) => ({
      name: `${file.path}#${nameOf(node)}`,
      lines: linesOf(node.getText()),
      limit: FUNCTION_LINES,
      node,
    })),
  ]
}

function linesOf(text: string): number {
  return text.split('\n').length
}

/** A function's own name, or that of what it is assigned to. */
function nameOf(node: ts.Node): string {
  const named = (node as { name?: ts.Node }).name ?? (node.parent as { name?: ts.Node }).name
  return named?.getText() ?? 'anonymous'
}

function tooLong(file: SourceText, longer: Readonly<Record<string, number>>): Finding[] {
  return lengths(file).flatMap(({ name, lines, limit, node }) => {
    const granted = longer[name] ?? limit
    return lines > granted ? [at(file, node, `${name} has ${lines} lines, ${granted} are allowed`)] : []
  })
}

/** Grants that are larger than what they are for. */
function slack(files: readonly SourceText[], longer: Readonly<Record<string, number>>): Finding[] {
  const lines = new Map(files.flatMap(lengths).map((one) => [one.name, one]))
  return Object.entries(longer).flatMap(([name, granted]) => {
    const now = lines.get(name)
    const wanted = now === undefined || now.lines <= now.limit ? 'remove it' : `lower it to ${now.lines}`
    return now?.lines === granted && granted > now.limit
      ? []
      : [{ path: name.replace(/#.*/, ''), line: 1, found: `${name}: ${granted} in LONGER: ${wanted}` }]
  })
}

/** Both halves of the rule, for a table of grants. */
export function checkLengths(files: readonly SourceText[], longer: Readonly<Record<string, number>>): Finding[] {
  const written = files.filter((file) => /\.(?:ts|mjs|cjs)$/.test(file.path))
  return [...written.flatMap((file) => tooLong(file, longer)), ...slack(written, longer)]
}

const longFunction = (lines: number) => `export function long() {\n${'\n'.repeat(lines - 2)}}`

/** Short files and short functions. */
export const length: Rule = {
  holds: `a file has at most ${FILE_LINES} lines, a function at most ${FUNCTION_LINES}`,
  remedy:
    'Split it where its second reason to exist begins. What cannot be split yet is listed with its number in test/tidy/rules/length.ts.',
  check: (files) => checkLengths(files, LONGER),
  bad: [
    { 'src/core/a.ts': '\n'.repeat(FILE_LINES) + 'export {}' },
    { 'src/core/a.ts': longFunction(FUNCTION_LINES + 1) },
    { 'test/a.test.ts': '\n'.repeat(FILE_LINES) + 'export {}' },
  ],
  good: { 'src/core/a.ts': longFunction(FUNCTION_LINES), 'test/a.test.ts': longFunction(FUNCTION_LINES + 1) },
}
