import { isObject } from '../../../src/core/json.ts'

/** What is called otherwise in a clone. */
export interface Names {
  /** The group's own name. */
  readonly group: readonly [from: string, to: string]
  /** Full names by the ones that stand in their place: scaling policies and target groups, by ARN. */
  readonly arns: ReadonlyMap<string, string>
}

/**
 * A setting in which everything that names the old group, its target groups or its policies names those of the clone: dimensions of
 * metrics, labels of resources, searches in metric math, and actions of alarms.
 */
export function renamed<Setting>(setting: Setting, names: Names): Setting {
  return walked(setting, '', names) as Setting
}

function walked(value: unknown, key: string, names: Names): unknown {
  if (typeof value === 'string') return renamedText(value, key, names)
  if (Array.isArray(value)) return value.map((one) => walked(one, key, names))
  if (!isObject(value) || value instanceof Date) return value
  // A dimension is a name beside its value: what the value names, the name says.
  const dimension = typeof value['Name'] === 'string' && 'Value' in value ? value['Name'] : undefined
  return Object.fromEntries(
    Object.entries(value).map(([member, one]) => [
      member,
      walked(one, member === 'Value' && dimension !== undefined ? dimension : member, names),
    ]),
  )
}

function renamedText(text: string, key: string, { group: [from, to], arns }: Names): string {
  if (key === 'AutoScalingGroupName') return text === from ? to : text
  if (key === 'Expression')
    return text.replaceAll(NAMED_IN_SEARCH, (whole, before: string, name: string) => (name === from ? before + to : whole))
  const parts = [...arns].map(([old, now]) => [suffixOf(old), suffixOf(now)] as const)
  if (key === 'TargetGroup') return parts.find(([old]) => old === text)?.[1] ?? text
  if (key === 'ResourceLabel') return parts.reduce((label, [old, now]) => label.replace(old, now), text)
  return arns.get(text) ?? text
}

/** `AutoScalingGroupName="web"` in a search expression, with or without its quotes. */
const NAMED_IN_SEARCH = /(AutoScalingGroupName\s*=\s*\\?"?)([^\s"'\\,)]+)/g

/** How metrics name a target group: `targetgroup/web/0123456789abcdef`. */
function suffixOf(arn: string): string {
  return arn.slice(arn.indexOf('targetgroup/'))
}
