import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GROUP } from '../../providers/aws/clone/group-table.ts'
import { TARGET_GROUP } from '../../providers/aws/clone/target-group-table.ts'
import { PERMISSIONS, type Feature } from '../../providers/aws/iam/permissions.ts'
import { LAUNCH } from '../../providers/aws/launch/launch-table.ts'
import { root } from '../../tools/subpaths.ts'
import { badLuck } from './bad-luck.ts'

export const PAGE = join(root, 'providers/aws/README.md')

/** The page with its tables written from what they show. */
export function pageAnew(): string {
  const tables = { permissions: permissions(), clone: clone(), 'bad luck': luck() }
  return Object.entries(tables).reduce(
    (text, [name, rows]) => {
      const [begin, end] = [`<!-- ${name} -->`, '<!-- end -->']
      const from = text.indexOf(begin) + begin.length
      return `${text.slice(0, from)}\n\n${rows}\n\n${text.slice(text.indexOf(end, from))}`
    },
    readFileSync(PAGE, 'utf8'),
  )
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

function luck(): string {
  const rows = badLuck.map(({ situation, does, code, says, leaves }) => [situation, does, `\`${code}\``, says, leaves])
  return table(['situation', 'imago', 'code or outcome', 'message', 'the fleet is left'], rows)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
