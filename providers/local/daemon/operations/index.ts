import { metricsOf } from '../metrics.ts'
import type { CallName, Input, Output } from '../../protocol.ts'
import { fleetView, groupView, routingView } from '../views.ts'
import type { Call, World } from '../world.ts'
import { ensureGroup, remove, resize, retire } from './fleets.ts'
import { hold, release } from './holds.ts'
import { createGroup, createService, deleteGroup, deleteService, resizeGroup } from './people.ts'
import * as routes from './routes.ts'
import { shutdown } from './shutdown.ts'

type Operation<Name extends CallName> = (world: World, input: Input<Name>, call: Call) => Output<Name> | Promise<Output<Name>>

/** What the daemon does for each call. */
export const operations: { readonly [Name in CallName]: Operation<Name> } = {
  'fleet.describe': (world, { target }) => fleetView(world, target),
  'fleet.ensure-group': ensureGroup,
  'fleet.resize': resize,
  'fleet.remove': remove,
  'fleet.hold': hold,
  'fleet.release': release,
  'fleet.retire': retire,
  'route.look': lookAtRoutes,
  'route.prepare': routes.prepare,
  'route.join': routes.join,
  'route.weights': routes.setWeights,
  'route.leave': routes.leave,
  'route.release': routes.release,
  'group.list': (world) => Object.values(world.book.state.groups).map((group) => groupView(group, world.prober.reasonOf)),
  'group.create': createGroup,
  'group.resize': resizeGroup,
  'group.delete': deleteGroup,
  'service.create': createService,
  'service.delete': deleteService,
  'metrics.read': metricsOf,
  'cloud.shutdown': shutdown,
}

async function lookAtRoutes(world: World, { service }: Input<'route.look'>, call: Call) {
  if (world.book.state.services[service] === undefined) throw routes.noService(world.book.state, service, call.name)
  const seen = await world.publisher.look()
  const { state } = world.book
  const found = state.services[service]
  if (found === undefined) throw routes.noService(state, service, call.name)
  return routingView(state, found, seen)
}
