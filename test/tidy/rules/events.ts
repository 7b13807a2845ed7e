import ts from 'typescript'
import { nodeCheck, type Rule } from '../rule.ts'

const FORM = /^[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*$/
/** What a fact ends in: a participle, or a state that was seen to begin. */
const PAST = /(?:ed|lost|found|seen|taken|broken|kept|missing|over|ready|healthy|unknown|holding|leaving|aborting|withheld)$/

/** The literals that the `type` of an event may be. */
function typeLiteral(node: ts.Node): string | undefined {
  if (!ts.isStringLiteral(node) || !ts.isLiteralTypeNode(node.parent)) return undefined
  const owner = ts.isUnionTypeNode(node.parent.parent) ? node.parent.parent.parent : node.parent.parent
  return ts.isPropertySignature(owner) && owner.name.getText() === 'type' ? node.text : undefined
}

/** Events are facts. */
export const events: Rule = {
  holds: 'types of events say what happened: noun.past-tense',
  remedy: "Name the fact, not the wish: 'traffic.shifted', not 'shift-traffic'. A new irregular participle goes into PAST.",
  check: nodeCheck(/^src\/core\/facts\//, (node) => {
    const type = typeLiteral(node)
    return type === undefined || (FORM.test(type) && PAST.test(type)) ? undefined : type
  }),
  bad: [
    { 'src/core/facts/a.ts': "interface A { readonly type: 'traffic.shift' }" },
    { 'src/core/facts/a.ts': "interface A { readonly type: 'traffic.shifted' | 'gateOpened' }" },
    { 'src/core/facts/a.ts': "interface A { readonly type: 'Traffic.shifted' }" },
  ],
  good: {
    'src/core/facts/a.ts': "interface A { readonly type: 'traffic.shifted' | 'controller.took-over'; readonly kind: 'pause' }",
  },
}
