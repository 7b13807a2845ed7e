import { rememberPast } from '../../kit/wire/past.ts'
import type { Account } from './account.ts'

/** What reads are answered from. */
const BOOKS = [
  'images',
  'templates',
  'instances',
  'groups',
  'targetGroups',
  'listeners',
  'rules',
  'parameters',
  'alarms',
] as const

/** Whether an action changes nothing. */
export function isRead(action: string): boolean {
  return /^(Describe|Get|List|RunInstances)/.test(action)
}

/** From now on an account remembers how it was, for reads that lag by so much at most. */
export function rememberAccount(account: Account, keepMs: number): void {
  rememberPast(account, BOOKS, ({ instances }) => instances.keys(), keepMs)
}
