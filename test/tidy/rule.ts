import ts from 'typescript'

/** One file of the project, read once. `tree` is what the compiler makes of it, whatever it is. */
export interface SourceText {
  /** From the project's folder: `src/core/plan.ts`. */
  readonly path: string
  readonly text: string
  readonly tree: ts.SourceFile
}

/** One place that breaks a rule. */
export interface Finding {
  readonly path: string
  /** From 1. */
  readonly line: number
  readonly found: string
}

/** Texts of files by path: a small project to try a rule on. */
export type Sample = Readonly<Record<string, string>>

/** Something that holds in the whole project. */
export interface Rule {
  /** What holds; the title of its tests. */
  readonly holds: string
  /** What to do about a finding. */
  readonly remedy: string
  check(files: readonly SourceText[]): readonly Finding[]
  /** Each of these breaks the rule in its own way. */
  readonly bad: readonly Sample[]
  /** This keeps it, though it comes close. */
  readonly good: Sample
}

/** Reads a text as a file of the project. */
export function sourceText(path: string, text: string): SourceText {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) }
}

/** A finding at a node. */
export function at(file: SourceText, node: ts.Node, what: string): Finding {
  return atOffset(file, node.getStart(file.tree), what)
}

/** A finding at a place in the text. */
export function atOffset(file: SourceText, offset: number, what: string): Finding {
  return { path: file.path, line: file.tree.getLineAndCharacterOfPosition(offset).line + 1, found: what }
}

/** All nodes below this one. */
export function* nodes(node: ts.Node): Generator<ts.Node> {
  const children: ts.Node[] = []
  ts.forEachChild(node, (child) => void children.push(child))
  for (const child of children) {
    yield child
    yield* nodes(child)
  }
}

/** A check that looks at one node at a time, in the TypeScript files whose path matches. */
export function nodeCheck(where: RegExp, look: (node: ts.Node, file: SourceText) => string | undefined): Rule['check'] {
  return (files) =>
    files
      .filter((file) => file.path.endsWith('.ts') && where.test(file.path))
      .flatMap((file) => [...nodes(file.tree)].flatMap((node) => found(file, node, look(node, file))))
}

function found(file: SourceText, node: ts.Node, what: string | undefined): Finding[] {
  return what === undefined ? [] : [at(file, node, what)]
}

/** Paths and names that a file imports or exports from, with the node that says so. */
export function importsOf(file: SourceText): { readonly name: string; readonly node: ts.Node }[] {
  return [...nodes(file.tree)].flatMap((node) => {
    const named = specifierOf(node)
    return named !== undefined && ts.isStringLiteral(named) ? [{ name: named.text, node }] : []
  })
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0]
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal
  return undefined
}
