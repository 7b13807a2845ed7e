import { callFailed } from '../../../../src/core/errors.ts'
import type { Weights } from '../../../../src/core/ports.ts'
import type { Input } from '../../protocol.ts'
import { WEIGHT_UNITS } from '../../facts.ts'
import { groupNamed } from '../fleets.ts'
import type { CloudState, PoolRecord, ServiceRecord } from '../state.ts'
import { change, type Call, type World } from '../world.ts'

/** See `TrafficRouter.prepare`. */
export function prepare(world: World, { service, binding }: Input<'route.prepare'>, call: Call) {
  return changeService(world, service, call, (found) => {
    if (poolOf(found, binding) === undefined) found.pools.push({ binding, weight: 0, members: {} })
  })
}

/** See `TrafficRouter.join`. */
export function join(world: World, { service, binding, group }: Input<'route.join'>, call: Call) {
  return changeService(world, service, call, (found, draft) => {
    groupNamed(draft, group, call.name)
    const { members } = neededPool(found, binding, call.name)
    const member = members[group]
    if (member === undefined || member.left === 'all') members[group] = { left: [] }
  })
}

/** See `TrafficRouter.setWeights`. */
export function setWeights(world: World, { service, expected, wanted }: Input<'route.weights'>, call: Call) {
  return changeService(world, service, call, (found) => {
    for (const binding of Object.keys(wanted)) neededPool(found, binding, call.name)
    const isExpected = Object.entries(expected).every(([binding, weight]) => (poolOf(found, binding)?.weight ?? 0) === weight)
    const isWhole = found.pools.every((pool) => pool.weight === (expected[pool.binding] ?? 0))
    if (!isExpected || !isWhole)
      throw callFailed('conflict', call.name, `The weights of ${service} are ${listed(found)}: look again.`)
    checkSum(wanted, call.name)
    for (const pool of found.pools) pool.weight = wanted[pool.binding] ?? 0
  })
}

/** See `TrafficRouter.leave`. */
export function leave(world: World, { service, binding, group, instances }: Input<'route.leave'>, call: Call) {
  return changeService(world, service, call, (found, draft) => {
    const member = poolOf(found, binding)?.members[group]
    if (member === undefined || member.left === 'all') return
    const there = (id: string) => draft.groups[group]?.instances.some((one) => one.id === id)
    // Nobody would ever forget those that are gone already.
    member.left = instances === 'all' ? 'all' : [...new Set([...member.left, ...instances.filter(there)])]
  })
}

/** See `TrafficRouter.release`. */
export function release(world: World, { service, binding }: Input<'route.release'>, call: Call) {
  return changeService(world, service, call, (found) => {
    const pool = poolOf(found, binding)
    if (pool === undefined) return
    if (pool.weight > 0)
      throw callFailed('conflict', call.name, `The pool ${binding} has weight ${pool.weight}; give it away first.`)
    found.pools = found.pools.filter((one) => one !== pool)
  })
}

/** Answered when the balancer has the new table, or will have it as soon as it is back. */
async function changeService(world: World, name: string, call: Call, edit: (service: ServiceRecord, draft: CloudState) => void) {
  change(world, call, (draft) => {
    const service = draft.services[name]
    if (service === undefined) throw noService(draft, name, call.name)
    const before = JSON.stringify(service)
    edit(service, draft)
    if (JSON.stringify(service) !== before) service.version += 1
  })
  await world.publisher.publish()
  return {}
}

/** The error for a balancer address that is not there. */
export function noService(state: CloudState, name: string, call: string) {
  return callFailed(
    'not-found',
    call,
    `There is no balancer ${name}; there are: ${Object.keys(state.services).join(', ') || 'none'}.`,
  )
}

function poolOf(service: ServiceRecord, binding: string): PoolRecord | undefined {
  return service.pools.find((pool) => pool.binding === binding)
}

function neededPool(service: ServiceRecord, binding: string, call: string): PoolRecord {
  const pool = poolOf(service, binding)
  if (pool !== undefined) return pool
  throw callFailed('not-found', call, `The balancer ${service.name} has no pool ${binding}; it has: ${listed(service)}.`)
}

function checkSum(wanted: Weights, call: string): void {
  const weights = Object.values(wanted)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (sum === WEIGHT_UNITS && weights.every((weight) => Number.isInteger(weight) && weight >= 0)) return
  throw callFailed('invalid', call, `Weights are whole numbers from 0 that sum to ${WEIGHT_UNITS}; these sum to ${sum}.`)
}

function listed(service: ServiceRecord): string {
  return service.pools.map((pool) => `${pool.binding} ${pool.weight}`).join(', ') || 'none'
}
