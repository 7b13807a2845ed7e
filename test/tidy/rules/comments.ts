import ts from 'typescript'
import { at, atOffset, nodeCheck, type Finding, type Rule, type SourceText } from '../rule.ts'

const LIBRARY = /^(?:src|providers)\//

/** Whether a declaration stands in the file's outermost list and is exported by its own keyword. */
function isExported(node: ts.Node): node is ts.DeclarationStatement | ts.VariableStatement {
  return (
    ts.isSourceFile(node.parent) &&
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node)?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword) ?? false)
  )
}

/** The second and later signatures of a function share the comment of the first. */
function isOverload(node: ts.Node, file: SourceText): boolean {
  if (!ts.isFunctionDeclaration(node)) return false
  const before = file.tree.statements[file.tree.statements.indexOf(node) - 1]
  return before !== undefined && ts.isFunctionDeclaration(before) && before.name?.text === node.name?.text
}

function hasDocstring(node: ts.Node, file: SourceText): boolean {
  const last = ts.getLeadingCommentRanges(file.text, node.pos)?.at(-1)
  return last !== undefined && file.text.startsWith('/**', last.pos)
}

/** Every exported name is explained. */
export const docstrings: Rule = {
  holds: 'every exported declaration has a comment directly above it',
  remedy:
    'One plain sentence in /** */: what it does, units, defaults, what it throws. A name that needs none need not be exported.',
  check: nodeCheck(LIBRARY, (node, file) =>
    isExported(node) && !isOverload(node, file) && !hasDocstring(node, file) ? node.getText().split('\n')[0] : undefined,
  ),
  bad: [
    { 'src/core/a.ts': 'export const a = 1' },
    { 'src/core/a.ts': '/** One. */\nexport const a = 1\nexport interface B {}' },
    { 'providers/one/a.ts': '// Not a docstring.\nexport function a() {}' },
  ],
  good: {
    'src/core/a.ts':
      "/** One. */\nexport function a(b: 1): 1\nexport function a(b: 2): 2\nexport function a(b: number) { return b }\nconst c = 1\nexport { d } from './d.ts'",
  },
}

/** Options say what happens without them. */
export const defaults: Rule = {
  holds: 'every optional field of an options type says its default',
  remedy: "`@default` with a value, or with `- what happens` in words: `@default - the fleet's own`.",
  check: nodeCheck(LIBRARY, (node, file) => {
    if (!ts.isPropertySignature(node) || node.questionToken === undefined || !ts.isInterfaceDeclaration(node.parent))
      return undefined
    if (!/(?:Options|Spec)$/.test(node.parent.name.text)) return undefined
    const comments = ts.getLeadingCommentRanges(file.text, node.pos) ?? []
    return comments.some((one) => /@default +[^\s*]/.test(file.text.slice(one.pos, one.end)))
      ? undefined
      : `${node.parent.name.text}.${node.name.getText()}`
  }),
  bad: [
    { 'src/core/a.ts': '/** A. */\nexport interface AOptions {\n  /** B. */\n  readonly b?: string\n}' },
    { 'src/core/a.ts': '/** A. */\nexport interface ASpec {\n  /** @default */\n  readonly b?: string\n}' },
  ],
  good: {
    'src/core/a.ts':
      '/** A. */\nexport interface AOptions {\n  /** B. @default 1 */\n  readonly b?: string\n  readonly c: 1\n}\ninterface View { readonly d?: 1 }',
  },
}

/** All comments of a file. */
function commentsOf(file: SourceText): { readonly pos: number; readonly text: string }[] {
  const ranges = new Map<number, ts.CommentRange>()
  const visit = (node: ts.Node): void => {
    for (const range of ts.getLeadingCommentRanges(file.text, node.pos) ?? []) ranges.set(range.pos, range)
    for (const range of ts.getTrailingCommentRanges(file.text, node.end) ?? []) ranges.set(range.pos, range)
    for (const child of node.getChildren(file.tree)) visit(child)
  }
  visit(file.tree)
  return [...ranges.values()].map(({ pos, end }) => ({ pos, text: file.text.slice(pos, end) }))
}

/** Marks of what is not done yet, and rules drawn across the page. */
const NOISE = /\b(?:TODO|FIXME|XXX|HACK)\b|\bnot implemented\b|^\/[/*]+\s*[-=*#~_]{3,}/i

/** Comments are sentences about why. */
export const noise: Rule = {
  holds: 'comments are sentences: no unfinished marks, no banners',
  remedy: 'Do it now, or leave it out; a file that needs banners is two files.',
  check: (files) =>
    files
      .filter((file) => /\.(?:ts|mjs|cjs)$/.test(file.path))
      .flatMap((file): Finding[] =>
        commentsOf(file).flatMap(({ pos, text }) => (NOISE.test(text) ? [atOffset(file, pos, text)] : [])),
      ),
  bad: [
    { 'src/core/a.ts': '// TODO: later\nexport {}' },
    { 'src/core/a.ts': 'function a() {\n  /* Not implemented. */\n}' },
    { 'test/a.ts': '// -------- helpers --------\nexport {}' },
  ],
  good: { 'src/core/a.ts': "/** Shown as a hackney coach. */\nconst a = '// TODO: in a text'" },
}

/** The public face is a list of names. */
export const face: Rule = {
  holds: 'what a subpath exports is a list of names; src/index.ts gives at most 40 to programs',
  remedy:
    'Write the names out: export { a, b } from …, and export type { A } from … for types. Nothing is declared in src/index.ts.',
  check: (files) => files.filter((file) => LIBRARY.test(file.path)).flatMap(checkFace),
  bad: [
    { 'src/index.ts': "export * from './core/a.ts'" },
    { 'providers/one/index.ts': "export type * from './a.ts'" },
    { 'src/index.ts': 'export const a = 1' },
    { 'src/index.ts': `export { ${Array.from({ length: 41 }, (_, index) => `a${index}`).join(', ')} } from './a.ts'` },
  ],
  good: { 'src/index.ts': "export { a, type B } from './a.ts'\nexport type { C } from './c.ts'" },
}

function checkFace(file: SourceText): Finding[] {
  const statements = [...file.tree.statements]
  const stars = statements.filter(
    (one) => ts.isExportDeclaration(one) && (one.exportClause === undefined || ts.isNamespaceExport(one.exportClause)),
  )
  const found = stars.map((one) => at(file, one, one.getText()))
  if (file.path !== 'src/index.ts') return found
  const declared = statements.filter((one) => !ts.isExportDeclaration(one))
  const names = statements.flatMap(valueNames)
  return [
    ...found,
    ...declared.map((one) => at(file, one, one.getText().slice(0, 60))),
    ...(names.length > 40 ? [{ path: file.path, line: 1, found: `${names.length} names` }] : []),
  ]
}

function valueNames(statement: ts.Statement): string[] {
  if (!ts.isExportDeclaration(statement) || statement.isTypeOnly || statement.exportClause === undefined) return []
  if (!ts.isNamedExports(statement.exportClause)) return []
  return statement.exportClause.elements.filter((one) => !one.isTypeOnly).map((one) => one.name.text)
}
