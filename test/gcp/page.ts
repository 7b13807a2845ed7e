import { join } from 'node:path'
import { root } from '../../tools/subpaths.ts'
import { luckTable } from '../kit/bad-luck.ts'
import { NEEDS, type GcpFeature, type Permission } from '../../providers/gcp/iam/needs.ts'
import { pageWith, table } from '../kit/page.ts'
import { badLuck } from './bad-luck.ts'

export const PAGE = join(root, 'providers/gcp/README.md')

/** The page with its tables written from what they show. */
export function pageAnew(): string {
  return pageWith(PAGE, { permissions: permissions(), 'bad luck': luckTable(badLuck) })
}

function permissions(): string {
  const listed = (needs: readonly Permission[]) =>
    needs.flatMap((one) => one.permissions.map((permission) => `\`${permission}\``)).join(', ')
  const rows = (Object.keys(NEEDS) as GcpFeature[]).map((feature) => {
    const { plan, roll } = NEEDS[feature]
    return [`\`${feature}\``, listed(plan), listed(roll)]
  })
  return table(['feature', 'to plan', 'to roll, beside that'], rows)
}
