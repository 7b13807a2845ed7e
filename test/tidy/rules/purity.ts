import ts from 'typescript'
import { nodeCheck, type Rule } from '../rule.ts'

const CLOCKS_AND_CHANCE = /^(?:Date\.now|performance\.now|process\.hrtime|Math\.random)$/
const TIMERS_AND_DICE =
  /^(?:setTimeout|setInterval|setImmediate|queueMicrotask|randomUUID|randomBytes|randomInt|randomFill|getRandomValues)$/

/** What a node reads of the clock or of chance, or which timer it starts. */
function impulse(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && CLOCKS_AND_CHANCE.test(node.getText())) return node.getText()
  if (ts.isIdentifier(node) && TIMERS_AND_DICE.test(node.text)) return node.text
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) return 'new Date()'
  if (ts.isStringLiteral(node) && node.text.startsWith('node:timers')) return node.text
  return undefined
}

/** What keeps a function from being a plain question with an answer. */
function effect(node: ts.Node): string | undefined {
  if (ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AsyncKeyword) return 'async or await'
  if (ts.isStringLiteral(node) && node.text.startsWith('node:')) return node.text
  if (ts.isIdentifier(node) && node.text === 'process') return 'process'
  return impulse(node)
}

/** Core and strategies are functions of their arguments. */
export const purity: Rule = {
  holds: 'core and strategies are pure: no clock, chance, timer, environment, Node module or waiting',
  remedy: 'Hand the moment, the number or the text in as an argument; what must act belongs to the engine.',
  check: nodeCheck(/^src\/(?:core|strategies)\//, effect),
  bad: [
    { 'src/core/a.ts': 'export const a = () => Date.now()' },
    { 'src/core/a.ts': 'export const a = new Date()' },
    { 'src/core/a.ts': 'export const a = Math.random()' },
    { 'src/core/a.ts': 'export const a = () => setTimeout(a, 1)' },
    { 'src/core/a.ts': "export const a = process.env['A']" },
    { 'src/strategies/a.ts': "import { join } from 'node:path'" },
    { 'src/strategies/a.ts': 'export async function a() {}' },
  ],
  good: {
    'src/core/a.ts': '/** Not Date.now(). */\nexport const a = (at: number) => new Date(at).toISOString()',
    'src/stores/a.ts': 'export const a = async () => Date.now()',
  },
}

/** The engine's time and chance come in by its ports. */
export const clock: Rule = {
  holds: 'only src/engine/system.ts touches the real clock and real chance in the engine',
  remedy: 'Use the Clock and the random numbers that are handed in: a simulation decides what they say.',
  check: (files) => nodeCheck(/^src\/engine\//, impulse)(files.filter((file) => file.path !== 'src/engine/system.ts')),
  bad: [
    { 'src/engine/a.ts': 'export const a = async () => Date.now()' },
    { 'src/engine/a.ts': 'setInterval(() => {}, 1)' },
    { 'src/engine/a.ts': "import { randomUUID } from 'node:crypto'" },
    { 'src/engine/a.ts': "import { setTimeout as wait } from 'node:timers/promises'" },
  ],
  good: {
    'src/engine/system.ts': 'export const now = () => Date.now()',
    'src/engine/a.ts': "import { createHash } from 'node:crypto'\nexport const a = async (clock: Clock) => clock.now()",
  },
}
