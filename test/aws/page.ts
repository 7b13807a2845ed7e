import { join } from 'node:path'
import { GROUP } from '../../providers/aws/clone/group-table.ts'
import { TARGET_GROUP } from '../../providers/aws/clone/target-group-table.ts'
import { PERMISSIONS, type Feature } from '../../providers/aws/iam/permissions.ts'
import { LAUNCH } from '../../providers/aws/launch/launch-table.ts'
import { root } from '../../tools/subpaths.ts'
import { luckTable } from '../kit/bad-luck.ts'
import { pageWith, table } from '../kit/page.ts'
import { badLuck } from './bad-luck.ts'

export const PAGE = join(root, 'providers/aws/README.md')

/** The page with its tables written from what they show. */
export function pageAnew(): string {
  const tables = { permissions: permissions(), clone: clone(), 'bad luck': luckTable(badLuck) }
  return pageWith(PAGE, tables)
}

function permissions(): string {
  const rows = (Object.keys(PERMISSIONS) as Feature[]).map((feature) => {
    const { plan, roll } = PERMISSIONS[feature]
    const actions = (needs: typeof plan) => needs.flatMap((one) => one.actions.map((action) => `\`${action}\``)).join(', ')
    return [`\`${feature}\``, actions(plan), actions(roll)]
  })
  return table(['feature', 'to plan', 'to roll, beside that'], rows)
}

interface Row {
  readonly does: string
  readonly why?: string
  readonly but?: { readonly why: string }
}

function clone(): string {
  const tables = { 'the group': GROUP, 'its launch template': LAUNCH, 'its target group': TARGET_GROUP }
  const rows = Object.entries(tables).flatMap(([what, members]) =>
    Object.entries(members as Readonly<Record<string, Row>>).flatMap(([member, { does, why, but }]) => {
      if (does === 'copy') return but === undefined ? [] : [[what, `\`${member}\``, 'copied, or refused', but.why]]
      return [[what, `\`${member}\``, DONE[does] ?? does, [why, but?.why].filter((one) => one !== undefined).join('; ')]]
    }),
  )
  return table(['of', 'setting', 'is', 'because'], rows)
}

const DONE: Readonly<Record<string, string>> = { rewrite: 'rewritten', drop: 'left out', refuse: 'refused' }
