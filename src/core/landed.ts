import type { Command } from './command.ts'
import type { FleetSnapshot, GroupView, RoutedInstance, RouteView } from './snapshot.ts'

type Removal = Extract<Command, { kind: 'remove' }>

/** Whether a command's effect can be recognised in a snapshot. Says nothing about who caused it. */
export function landed(command: Command, snapshot: FleetSnapshot): boolean {
  switch (command.kind) {
    case 'hold': {
      const held = groupOf(snapshot, command.group)?.holds.find((one) => one.kind === command.hold)
      return held !== undefined && held.expiresAt >= command.expiresAt && minHeld(snapshot, command)
    }
    case 'release':
      return !(groupOf(snapshot, command.group)?.holds.some((one) => one.kind === command.hold) ?? false)
    case 'ensure-group': {
      const group = groupOf(snapshot, command.group)
      if (group?.release !== command.release || group.partial === true) return false
      return (group.sizes[command.release] ?? 0) >= command.size
    }
    case 'resize': {
      const group = groupOf(snapshot, command.group)
      return group !== undefined && Object.entries(command.sizes).every(([release, size]) => (group.sizes[release] ?? 0) >= size)
    }
    case 'remove':
      return removed(snapshot, command)
    case 'retire':
      return groupOf(snapshot, command.group) === undefined
    case 'update':
      return updating(groupOf(snapshot, command.group), command.release)
    case 'stop-update':
      return groupOf(snapshot, command.group)?.update?.state !== 'running'
    case 'prepare':
      return isPrepared(snapshot, command.binding)
    case 'release-route':
      return routeOf(snapshot, command.binding) === undefined
    case 'join':
      return routeOf(snapshot, command.binding)?.groups.includes(command.group) ?? false
    case 'leave':
      return left(snapshot, command)
    case 'set-weights':
      return Object.entries(command.wanted).every(([binding, weight]) => (routeOf(snapshot, binding)?.weight ?? 0) === weight)
  }
}

/** A group of the snapshot, by id. */
export function groupOf(snapshot: FleetSnapshot, id: string): GroupView | undefined {
  for (const group of snapshot.groups) if (group.id === id) return group
  return undefined
}

/** A route of the snapshot, by binding. */
export function routeOf(snapshot: FleetSnapshot, binding: string | undefined): RouteView | undefined {
  if (snapshot.traffic === undefined || binding === undefined) return undefined
  for (const route of snapshot.traffic.routing.routes) if (route.binding === binding) return route
  return undefined
}

/** Whether a route is there, all of it. */
export function hasRoute(snapshot: FleetSnapshot, binding: string): boolean {
  const route = routeOf(snapshot, binding)
  return route !== undefined && route.partial !== true
}

/** Whether a route is there, and its generation can be reached without traffic where this router has an address for that. */
export function isPrepared(snapshot: FleetSnapshot, binding: string): boolean {
  if (!hasRoute(snapshot, binding)) return false
  return routeOf(snapshot, binding)?.preview !== undefined || snapshot.traffic?.facts.preview.can !== true
}

/** Whether an updater works towards this release, or has nothing left to do. */
function updating(group: GroupView | undefined, release: string): boolean {
  if (group?.update?.state === 'running') return group.update.release === release
  return group?.instances.every((one) => one.release === release || one.state === 'terminating') ?? false
}

function minHeld(snapshot: FleetSnapshot, command: Extract<Command, { kind: 'hold' }>): boolean {
  return command.min === undefined || (groupOf(snapshot, command.group)?.min ?? 0) >= command.min
}

function removed(snapshot: FleetSnapshot, command: Removal): boolean {
  for (const one of groupOf(snapshot, command.group)?.instances ?? [])
    if (one.state !== 'terminating' && command.instances.includes(one.id)) return false
  // Without victims the command only lowers a size, which then is all there is to recognise it by.
  return command.instances.length > 0 || sizesLowered(command, snapshot)
}

/** Whether a group is no larger than a removal leaves it. */
export function sizesLowered({ group: id, sizesAfter }: Removal, snapshot: FleetSnapshot): boolean {
  const sizes = groupOf(snapshot, id)?.sizes ?? {}
  return Object.entries(sizesAfter).every(([release, size]) => (sizes[release] ?? 0) <= size)
}

/** Whether requests may be sent to an instance: where the router cannot tell, it is not out. */
export function reachable(routed: RoutedInstance | undefined): boolean {
  return routed?.state === 'in' || routed?.state === 'unknown'
}

function left(snapshot: FleetSnapshot, command: Extract<Command, { kind: 'leave' }>): boolean {
  const route = routeOf(snapshot, command.binding)
  if (route === undefined) return true
  if (command.instances === 'all') return !route.groups.includes(command.group)
  const routed = snapshot.traffic?.routing.instances ?? {}
  return command.instances.every((id) => !reachable(routed[id]))
}
