import { isObject } from '../../../src/core/json.ts'
import { nameIn, valueIn } from '../sdk/urls.ts'
import type { Manager } from '../sdk/resources.ts'
import type { Where } from '../where.ts'
import { nameOf } from './groups.ts'
import { namesOf } from './machines.ts'

/** An instance that ended, or was not well, and that its group made anew. */
export interface Repair {
  /** Name of the operation, which no other has. */
  readonly id: string
  /** RFC 3339. */
  readonly at: string
  /** In Google's words. */
  readonly message: string
}

interface Operation {
  readonly name?: string
  readonly insertTime?: string
  readonly statusMessage?: string
  readonly targetLink?: string
}

/** What Compute calls the operation by which a group repairs an instance. */
const REPAIRS = 'operationType = "compute.instances.repair.recreateInstance"'

/** Repairs of a group's instances, which its log of errors does not tell of: operations of its zones, kept for two weeks. */
export async function readRepairs(where: Where, group: Manager, signal: AbortSignal): Promise<Repair[]> {
  const { creationTimestamp: since = '', distributionPolicy: { zones = [] } = {} } = group
  const own = where.kind === 'zone' ? [where.location] : zones.map(({ zone }) => nameIn(zone))
  const names = new RegExp(`^${namesOf(group)}$`)
  const all = (await Promise.all(own.map((zone) => readOperations(where, zone, signal)))).flat()
  return all
    .filter(({ targetLink, insertTime: at = '' }) => names.test(valueIn(targetLink, 'instances') ?? '') && !isBefore(at, since))
    .map(({ name: id = '', insertTime: at = '', statusMessage: message = `an instance of ${nameOf(group)} was repaired` }) => ({
      id,
      at,
      message,
    }))
}

async function readOperations({ caller, project }: Where, zone: string, signal: AbortSignal): Promise<Operation[]> {
  const found: Operation[] = []
  const path = `projects/${project}/zones/${zone}/operations?filter=${encodeURIComponent(REPAIRS)}`
  for (let next = ''; ;) {
    const page = await caller.json('zoneOperations.list', { verb: 'GET', path: `${path}${next}` }, signal)
    if (Array.isArray(page['items'])) found.push(...page['items'].filter(isObject))
    const token = page['nextPageToken']
    if (typeof token !== 'string' || token === '') return found
    next = `&pageToken=${encodeURIComponent(token)}`
  }
}

function isBefore(at: string, since: string): boolean {
  return Date.parse(at) < Date.parse(since)
}
