import ts from 'typescript'
import { nodeCheck, type Rule } from '../rule.ts'

/** A bare error that a caller would receive, as opposed to a reason that a stream is destroyed with. */
function bareError(node: ts.Node): boolean {
  if (!ts.isNewExpression(node) || !/^(?:Type|Range|Syntax|Aggregate)?Error$/.test(node.expression.getText())) return false
  const { parent } = node
  return ts.isThrowStatement(parent) || (ts.isCallExpression(parent) && /(?:^|\.)reject$/.test(parent.expression.getText()))
}

/** One error class, with a code. */
export const errors: Rule = {
  holds: 'errors are made by rolloutError or callFailed',
  remedy:
    'rolloutError(code, message, facts) of src/core/errors.ts: the message says what, what was got, what is allowed and what to do.',
  check: nodeCheck(/^(?:src|providers)\//, (node) => (bareError(node) ? node.getText() : undefined)),
  bad: [
    { 'src/core/a.ts': "throw new Error('no')" },
    { 'providers/one/a.ts': "export const a = Promise.reject(new TypeError('no'))" },
  ],
  good: {
    'src/core/a.ts': "throw rolloutError('closed', 'It is closed.', { what: 'it' })",
    'providers/one/a.ts': "socket.destroy(new Error('gone'))",
    'test/a.ts': "throw new Error('no')",
  },
}
