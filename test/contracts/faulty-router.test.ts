import { expect, test } from 'vitest'
import { callFailed } from '../../src/core/errors.ts'
import type { FleetTarget, TrafficRouter, Weights } from '../../src/core/ports.ts'
import type { RoutedInstance, RouterLook } from '../../src/core/snapshot.ts'
import { routerContract } from '../../src/testing/contracts/router.ts'
import { NAMES } from './faulty-names.ts'
import { firstFailure } from './first-failure.ts'
import { simulated } from './simulated.ts'
import { unless } from './unless.ts'

type Fault = (right: TrafficRouter) => Partial<TrafficRouter>

/** What a router with one fault shows. */
const LOOKS: Readonly<Record<string, Fault>> = {
  'says that everybody is in': seeing((one) => ({ ...one, state: 'in' })),
  'says that nobody is in': seeing((one) => ({ ...one, state: 'out' })),
  'never says that draining has ended': seeing((one) => (one.state === 'out' ? { ...one, state: 'draining' } : one)),
  'shows weights as shares of 1': looking((look) => ({
    ...look,
    routing: { ...look.routing, routes: look.routing.routes.map((route) => ({ ...route, weight: route.weight / 100 })) },
  })),
  'gives parts of the traffic, and says that it cannot': looking((look) => ({
    ...look,
    facts: { ...look.facts, shares: { can: false, why: 'it is said so' } },
  })),
  'does not say why not': looking((look) => ({ ...look, facts: { ...look.facts, preview: { can: false, why: '' } } })),
  'promises an address that it does not show': looking((look) => ({
    ...look,
    routing: { ...look.routing, routes: look.routing.routes.map(({ preview: _preview, ...route }) => route) },
  })),
  'promises versions and shows none': looking(({ facts, routing: { version: _version, ...routing } }) => ({ facts, routing })),
  'still shows groups that are gone': (right) => {
    const known = new Set<string>()
    return {
      look: async (...given) => {
        const look = await right.look(...given)
        for (const route of look.routing.routes) for (const group of route.groups) known.add(`${route.binding} ${group}`)
        const routes = look.routing.routes.map((route) => ({
          ...route,
          groups: [...known].filter((one) => one.startsWith(`${route.binding} `)).map((one) => one.split(' ')[1] ?? ''),
        }))
        return { ...look, routing: { ...look.routing, routes } }
      },
    }
  },
  'never ends when it is let go': (right) => ({
    look: (target, context) => (context.signal.aborted ? new Promise(() => undefined) : right.look(target, context)),
  }),
}

/** What a router with one fault does to routes and weights. */
const WEIGHTS: Readonly<Record<string, Fault>> = {
  'complains about a route that is there already': (right) => ({
    prepare: async (target, binding, context) => {
      if (Object.hasOwn(await weightsOf(right, target), binding)) throw callFailed('conflict', 'prepare', 'It is there.')
      return await right.prepare(target, binding, context)
    },
  }),
  'has one preview, and leaves it where it is': (right) => {
    let made = 'web'
    return {
      prepare: async (target, binding, context) => {
        if (!Object.hasOwn(await weightsOf(right, target), binding)) made = binding
        return await right.prepare(target, binding, context)
      },
      look: async (...given) => {
        const look = await right.look(...given)
        const routes = look.routing.routes.map(({ preview, ...route }) =>
          route.binding === made && preview !== undefined ? { ...route, preview } : route,
        )
        return { ...look, routing: { ...look.routing, routes } }
      },
    }
  },
  'gives a new route a share at once': (right) => ({
    prepare: async (target, binding, context) => {
      const before = await weightsOf(right, target)
      await right.prepare(target, binding, context)
      return await right.setWeights(target, before, { ...before, web: 99, [binding]: 1 }, context)
    },
  }),
  'pays no heed to what was expected': (right) => ({
    setWeights: async (target, _expected, wanted, context) =>
      right.setWeights(target, await weightsOf(right, target), wanted, context),
  }),
  'pays no heed to what was expected of routes that are not named': (right) => ({
    setWeights: async (target, expected, wanted, context) =>
      right.setWeights(target, { ...(await weightsOf(right, target)), ...expected }, wanted, context),
  }),
  'leaves the weights that are not named': (right) => ({
    setWeights: async (target, expected, wanted, context) =>
      right.setWeights(target, expected, { ...(await weightsOf(right, target)), ...wanted }, context),
  }),
  'makes weights whole by itself': (right) => ({
    setWeights: (...given) => unless('invalid', right.setWeights(...given), async () => ({})),
  }),
  'makes the route that a weight is for': (right) => ({
    setWeights: async (target, expected, wanted, context) => {
      for (const binding of Object.keys(wanted)) await right.prepare(target, binding, context)
      return await right.setWeights(target, expected, wanted, context)
    },
  }),
  'accepts weights and does nothing': () => ({ setWeights: () => Promise.resolve({}) }),
  'says that a route with weight is gone': (right) => ({
    release: (...given) => unless('conflict', right.release(...given), async () => ({})),
  }),
  'keeps a released route': () => ({ release: () => Promise.resolve({}) }),
  'complains about a route that is gone already': (right) => ({
    release: async (target, binding, context) => {
      if (!Object.hasOwn(await weightsOf(right, target), binding)) throw callFailed('not-found', 'release', 'There is none.')
      return await right.release(target, binding, context)
    },
  }),
}

/** What a router with one fault does to groups and instances. */
const MEMBERS: Readonly<Record<string, Fault>> = {
  'sends requests where it says it does not': (right) => {
    let gone = false
    return {
      leave: () => {
        gone = true
        return Promise.resolve({})
      },
      look: async (...given) => {
        const look = await right.look(...given)
        const out = Object.keys(look.routing.instances).map((id) => [id, { state: 'out' as const }])
        return gone ? { ...look, routing: { ...look.routing, instances: Object.fromEntries(out) } } : look
      },
    }
  },
  'joins nobody': () => ({ join: () => Promise.resolve({}) }),
  'joins a group to no route': (right) => ({ join: (...given) => unless('not-found', right.join(...given), async () => ({})) }),
  'brings back who left': (right) => ({
    join: async (target, binding, group, context) => {
      await right.leave(target, binding, group, 'all', context)
      return await right.join(target, binding, group, context)
    },
  }),
  'takes the whole group out for one instance': (right) => ({
    leave: (target, binding, group, _instances, context) => right.leave(target, binding, group, 'all', context),
  }),
  'takes out only those of now': (right) => ({
    leave: async (target, binding, group, instances, context) => {
      const { routing } = await right.look(target, context)
      return await right.leave(target, binding, group, instances === 'all' ? Object.keys(routing.instances) : instances, context)
    },
  }),
  'complains about a group that is gone already': (right) => ({
    leave: async (target, binding, group, instances, context) => {
      const { routing } = await right.look(target, context)
      const isThere = routing.routes.some((route) => route.binding === binding && route.groups.includes(group))
      if (!isThere) throw callFailed('not-found', 'leave', 'There is no such group.')
      return await right.leave(target, binding, group, instances, context)
    },
  }),
}

const FAULTS = { ...LOOKS, ...NAMES, ...WEIGHTS, ...MEMBERS }

test('a right router passes', async () => {
  expect(await failureOf(() => ({}))).toBeUndefined()
})

test.for(Object.keys(FAULTS))('a router that %s does not pass', async (name) => {
  expect(await failureOf(FAULTS[name] as Fault)).toBeDefined()
})

test('a router that is there whatever it is called does not pass', async () => {
  const options = simulated({}, ({ router }) => ({ nowhere: router }))
  expect(await firstFailure((harness) => routerContract(harness, options))).toBeDefined()
})

function failureOf(fault: Fault): Promise<string | undefined> {
  const options = simulated({}, ({ router }) => ({ router: { ...router, ...fault(router) } }))
  return firstFailure((harness) => routerContract(harness, options))
}

function looking(change: (look: RouterLook) => RouterLook): Fault {
  return (right) => ({ look: async (...given) => change(await right.look(...given)) })
}

function seeing(change: (one: RoutedInstance) => RoutedInstance): Fault {
  return looking((look) => {
    const instances = Object.entries(look.routing.instances).map(([id, one]) => [id, change(one)])
    return { ...look, routing: { ...look.routing, instances: Object.fromEntries(instances) } }
  })
}

async function weightsOf(router: TrafficRouter, target: FleetTarget): Promise<Weights> {
  const { routing } = await router.look(target, { signal: new AbortController().signal, token: 'read' })
  return Object.fromEntries(routing.routes.map((route) => [route.binding, route.weight]))
}
