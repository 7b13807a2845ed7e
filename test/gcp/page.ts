import { join } from 'node:path'
import { root } from '../../tools/subpaths.ts'
import { luckTable } from '../kit/bad-luck.ts'
import { pageWith } from '../kit/page.ts'
import { badLuck } from './bad-luck.ts'

export const PAGE = join(root, 'providers/gcp/README.md')

/** The page with its tables written from what they show. */
export function pageAnew(): string {
  return pageWith(PAGE, { 'bad luck': luckTable(badLuck) })
}
