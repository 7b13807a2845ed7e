import { describe, expect, test } from 'vitest'
import { sourceText, type Finding, type Rule, type Sample } from './rule.ts'
import { defaults, docstrings, face, noise } from './rules/comments.ts'
import { errors } from './rules/errors.ts'
import { events } from './rules/events.ts'
import { cycles, layers } from './rules/layers.ts'
import { checkLengths, length } from './rules/length.ts'
import { clock, purity } from './rules/purity.ts'
import { links, outside, skips } from './rules/texts.ts'
import { providerWords, units, vocabulary } from './rules/words.ts'
import { tree } from './tree.ts'

const imports = [layers, cycles, purity, clock]
const names = [providerWords, vocabulary, units, errors, events, face]
const texts = [docstrings, defaults, noise, length, outside, links, skips]
const rules: readonly Rule[] = imports.concat(names, texts)

describe.for(rules)('$holds', (rule) => {
  test('here', () => {
    expect(rule.check(tree).map(line), rule.remedy).toEqual([])
  })
  test.for(rule.bad)('would find %j', (sample) => {
    expect(rule.check(files(sample))).not.toEqual([])
  })
  test('lets pass what only comes close', () => {
    expect(rule.check(files(rule.good)).map(line)).toEqual([])
  })
})

test('a grant to be longer may only fall, and ends with its cause', () => {
  const grown = files({ 'src/core/a.ts': '\n'.repeat(309) + 'export {}' })
  expect(checkLengths(grown, { 'src/core/a.ts': 310 })).toEqual([])
  expect(checkLengths(grown, { 'src/core/a.ts': 305 }).map(line)).toEqual([
    expect.stringContaining('310 lines, 305 are allowed'),
    expect.any(String),
  ])
  expect(checkLengths(grown, { 'src/core/a.ts': 320 }).map(line)).toEqual([expect.stringContaining('lower it to 310')])
  expect(checkLengths(files({ 'src/core/a.ts': '' }), { 'src/core/a.ts': 310 }).map(line)).toEqual([
    expect.stringContaining('remove it'),
  ])
})

function files(sample: Sample) {
  return Object.entries(sample).map(([path, text]) => sourceText(path, text))
}

function line(finding: Finding): string {
  return `${finding.path}:${finding.line}: ${finding.found}`
}
