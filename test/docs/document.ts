import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../tools/subpaths.ts'

/** What a newcomer reads, in this order. */
export const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'providers/aws/README.md',
  'providers/azure/README.md',
] as const

/** A fenced block of a document. */
export interface Block {
  /** Document and line, for messages: `README.md:12`. */
  readonly where: string
  readonly language: string
  readonly text: string
}

const FENCE = /^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm

/** The document's text; a document that is not there is empty, which a test of its own reports. */
export function textOf(document: string): string {
  const path = join(root, document)
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

/** The fenced blocks in a text, in order. */
export function blocksIn(text: string, document: string): Block[] {
  return [...text.matchAll(FENCE)].map((match) => ({
    where: `${document}:${text.slice(0, match.index).split('\n').length}`,
    language: match[1] ?? '',
    text: match[2] ?? '',
  }))
}

/** What stands between single backquotes outside the blocks. */
export function inlineCode(text: string): string[] {
  return [...text.replace(FENCE, '').matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '')
}
