import ts from 'typescript'
import { nodeCheck, type Rule } from '../rule.ts'

const NEUTRAL = /^src\/(?:core|strategies|engine)\//
const PROVIDERS = /^(?:asgs?|migs?|vmss|aws|gcp|azure|ec2|gce|amis?|elb|alb|nlb|kubernetes|k8s)$/i
const UNITS = /^(?:seconds|secs?|millis|milliseconds?|minutes|timestamps?|MS)$/
const SYNONYMS = /^(?:asgs?|migs?|vmss|nodes?|vms?|primary|secondary|blue|green)$/i
/** A rollout goes by waypoints; a loop may well take a step. */
const OF_STRATEGIES = /^(?:steps?|stages?)$/i

/** `maxSurgeMs` is max, Surge, Ms. */
function wordsOf(name: string): string[] {
  return name.match(/[A-Z]?[a-z]+\d*|[A-Z]+(?![a-z])\d*/g) ?? []
}

/** The name that a node declares, unless it is the key of an object literal: that may be a cloud's own. */
function declared(node: ts.Node): string | undefined {
  if (!ts.isIdentifier(node) || ts.isPropertyAssignment(node.parent)) return undefined
  return (node.parent as { name?: ts.Node }).name === node ? node.text : undefined
}

/** A text that the program holds, as opposed to one that it imports from. */
function literal(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent)) return undefined
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node))
    return node.text
  return undefined
}

/** Core, strategies and engine know no provider. */
export const providerWords: Rule = {
  holds: "no provider's word stands in a name or a text of core, strategies and engine",
  remedy: 'Say it in the words of the design (fleet, generation, group, instance, image), or move it into the provider.',
  check: nodeCheck(NEUTRAL, (node) => {
    const words = literal(node)?.split(/[^A-Za-z0-9]+/) ?? wordsOf(declared(node) ?? '')
    return words.find((word) => PROVIDERS.test(word))
  }),
  bad: [
    { 'src/core/a.ts': 'export const awsRegion = 1' },
    { 'src/engine/a.ts': "export const a = 'Give the ASG a name.'" },
    { 'src/strategies/a.ts': 'export const a = (b: string) => `the MIG ${b}`' },
  ],
  good: {
    'src/core/a.ts': "/** Like an ASG. */\nexport const amid = 'draws and laws'",
    'providers/one/a.ts': "export const awsRegion = 'AWS'",
  },
}

/** A constant in capitals ends in _MS, which is its way of writing Ms. */
function hasUnit(name: string): boolean {
  const words = /^[A-Z0-9_]+$/.test(name) ? name.toLowerCase().split('_') : wordsOf(name)
  return words.some((word) => UNITS.test(word.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())))
}

/** Time has one spelling; what a cloud calls its own stands in a file of its own. */
export const units: Rule = {
  holds: 'lengths of time end in Ms and moments end in At; no other unit stands in a name',
  remedy:
    'People write a Duration in a field without a unit; what is resolved or stored ends in Ms, a moment in At (both milliseconds).',
  check: nodeCheck(/^(?!providers\/\w+\/sdk\/resources\.ts$)(?:src|providers|examples|tools|bench)\//, (node) => {
    const name = declared(node)
    return name !== undefined && hasUnit(name) ? name : undefined
  }),
  bad: [
    { 'src/core/a.ts': 'export const waitSeconds = 1' },
    { 'src/core/a.ts': 'export interface A { readonly bakeMillis: number }' },
    { 'providers/one/a.ts': 'export function a(startTimestamp: number) {}' },
    { 'src/core/a.ts': 'export const timeoutMS = 1' },
    { 'src/core/a.ts': 'const TIMEOUT_SECONDS = 1' },
  ],
  good: {
    'src/core/a.ts': 'export const waitMs = 1, startedAt = 2, perSecond = 3, WAIT_MS = 4',
    'providers/one/a.ts': 'call({ TimeoutSeconds: 1 })',
    'providers/one/sdk/resources.ts': 'export interface A { readonly timeoutSec: number }',
  },
}

/** One word a thing. */
export const vocabulary: Rule = {
  holds: 'names in core, strategies and engine use the one word that was chosen for each thing',
  remedy:
    'fleet, generation, group, instance, image; roles stable, candidate, baseline (blueGreen is the name of a strategy, no role); shape, waypoint, gate instead of step or stage.',
  check: nodeCheck(NEUTRAL, (node, file) => {
    const name = declared(node)?.replace(/blueGreen/i, '') ?? ''
    const rejected = (word: string) =>
      SYNONYMS.test(word) || (file.path.startsWith('src/strategies/') && OF_STRATEGIES.test(word))
    return wordsOf(name).some(rejected) ? name : undefined
  }),
  bad: [
    { 'src/strategies/a.ts': 'export const nextStep = 1' },
    { 'src/engine/a.ts': 'export function a(blueGroup: string) {}' },
    { 'src/strategies/a.ts': 'export interface A { readonly primary: string }' },
  ],
  good: {
    'src/strategies/a.ts': 'export const blueGreen = 1, evergreen = 2, stepped = 3',
    'src/core/a.ts': 'export const step = 1',
  },
}
