import { join } from 'node:path'
import { root } from '../../tools/subpaths.ts'
import { NEEDS, type AzureFeature, type Permission } from '../../providers/azure/iam/needs.ts'
import { luckTable } from '../kit/bad-luck.ts'
import { pageWith, table } from '../kit/page.ts'
import { troubles } from './troubles.ts'

export const PAGE = join(root, 'providers/azure/README.md')

/** The page with its tables written from what they show. */
export function pageAnew(): string {
  return pageWith(PAGE, { permissions: permissions(), 'bad luck': luckTable(troubles) })
}

/** Actions that are allowed elsewhere than on the resource group say where. */
function permissions(): string {
  const listed = (needs: readonly Permission[]) =>
    needs.flatMap(({ actions, on }) => actions.map((one) => `\`${one}\`${on === undefined ? '' : ` (${on})`}`)).join(', ')
  const rows = (Object.keys(NEEDS) as AzureFeature[]).map((feature) => {
    const { plan, roll } = NEEDS[feature]
    return [`\`${feature}\``, listed(plan), listed(roll)]
  })
  return table(['feature', 'to plan', 'to roll, beside that'], rows)
}
