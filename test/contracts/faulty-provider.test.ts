import { expect, test } from 'vitest'
import { callFailed } from '../../src/core/errors.ts'
import type { Accepted, CallContext, FleetProvider, FleetTarget } from '../../src/core/ports.ts'
import type { GroupView, ProviderLook } from '../../src/core/snapshot.ts'
import { providerContract } from '../../src/testing/contracts/provider.ts'
import { NAMES } from './faulty-names.ts'
import { SLOTS } from './faulty-slots.ts'
import { UPDATES } from './faulty-updaters.ts'
import { firstFailure } from './first-failure.ts'
import { simulated } from './simulated.ts'
import { unless } from './unless.ts'

type Fault = (right: FleetProvider) => Partial<FleetProvider>

/** What a provider with one fault in its looks shows. */
const LOOKS: Readonly<Record<string, Fault>> = {
  'leaves an instance out': showing((group) => ({ ...group, instances: group.instances.slice(1) })),
  'shows an instance twice': showing((group) => ({
    ...group,
    instances: group.instances.flatMap((one, at) => (at === 0 ? [one, one] : [one])),
  })),
  'takes every instance that runs for healthy': showing((group) => ({
    ...group,
    instances: group.instances.map((one) => (one.state === 'unhealthy' ? { ...one, state: 'healthy' } : one)),
  })),
  'tells times in seconds': showing((group) => ({
    ...group,
    instances: group.instances.map((one) => ({ ...one, launchedAt: one.launchedAt / 1_000 })),
  })),
  'shows nothing of the updater': showing(({ update: _update, ...group }) => group),
  'counts no failures': showing((group) => ({ ...group, failures: { count: 0 } })),
  'does not say who made a group': showing(({ createdBy: _who, ...group }) => group),
  'does not say why not': looking((look) => ({ ...look, facts: { ...look.facts, slots: { can: false, why: '' } } })),
  'only says that it looks': looking((look) => ({ ...look, facts: { ...look.facts, changes: { can: false, why: 'so' } } })),
  'answers for a handle that nobody knows': (right) => ({
    describe: async (target, context) => {
      const handles = Object.fromEntries(target.handles.map((handle) => [handle, { state: 'done' as const }]))
      return { ...(await right.describe(target, context)), handles }
    },
  }),
  'shows a fleet that is not there as an empty one': (right) => ({
    describe: async (target, context) => {
      try {
        return await right.describe(target, context)
      } catch {
        return { ...(await right.describe({ ...target, placement: { kind: 'clone', adopt: 'web' } }, context)), groups: [] }
      }
    },
  }),
  'finds a fleet only by what it is called': (right) => ({
    describe: ({ id: _id, ...target }, context) => right.describe(target, context),
  }),
  'throws before it has promised anything': (right) => ({
    describe: (target, context) => {
      if (JSON.stringify(target.placement).includes('v001')) throw callFailed('not-found', 'describe', 'There is no such fleet.')
      return right.describe(target, context)
    },
  }),
  'does not class its failures': (right) => ({
    describe: (target, context) =>
      right.describe(target, context).catch((error: Error) => Promise.reject(new Error(error.message))),
  }),
  'never ends when it is let go': (right) => ({
    describe: (target, context) => (context.signal.aborted ? new Promise(() => undefined) : right.describe(target, context)),
  }),
}

/** What a provider with one fault makes of images. */
const IMAGES: Readonly<Record<string, Fault>> = {
  'takes a mutable name for an identity': (right) => ({
    resolve: async (...given) => {
      const { alias: _alias, ...resolved } = await right.resolve(...given)
      return resolved
    },
  }),
  'takes an image that is not there for that of before': (right) => ({
    resolve: async (target, request, context) => {
      const { image: _image, ...without } = request
      return await unless('not-found', right.resolve(target, request, context), () => right.resolve(target, without, context))
    },
  }),
  'forgets the launch settings it rests on': (right) => ({
    resolve: (target, request, context) =>
      right.resolve(target, { ...request, base: { ...request.base, launch: 'plain' } }, context),
  }),
  'gives every resolution another identity': (right) => {
    let count = 0
    return {
      resolve: async (...given) => {
        const resolved = await right.resolve(...given)
        return { ...resolved, release: { ...resolved.release, id: `${resolved.release.id}-${++count}` } }
      },
    }
  },
}

/** What a provider with one fault does to groups. */
const GROUPS: Readonly<Record<string, Fault>> = {
  'makes a group larger each time it is asked for': (right) => ({
    ensureGroup: async (target, request, context) => {
      const present = await groupOf(right, target, request.group)
      const size = (present?.sizes[request.release.id] ?? 0) + request.size
      return await right.ensureGroup(target, { ...request, size }, context)
    },
  }),
  'makes a group smaller when less is asked for': (right) => ({
    ensureGroup: async (target, request, context) => {
      await right.ensureGroup(target, request, context)
      return await cutTo(right, target, request.group, { [request.release.id]: request.size }, context)
    },
  }),
  'takes a group of another release for the one it wants': (right) => ({
    ensureGroup: (target, request, context) => unless('conflict', right.ensureGroup(target, request, context), async () => ({})),
  }),
  'launches without the settings that it lacks': (right) => ({
    ensureGroup: (target, request, context) => right.ensureGroup(target, { ...request, sealed: request.sealed ?? {} }, context),
  }),
  'ends what ran before in place': (right) => ({
    ensureGroup: async (target, request, context) => {
      const { id } = request.release
      const before = await groupOf(right, target, request.group)
      const answer = await right.ensureGroup(target, request, context)
      const others = Object.keys(before?.sizes ?? {}).filter((release) => release !== id)
      await cutTo(right, target, request.group, Object.fromEntries(others.map((release) => [release, 0])), context)
      return answer
    },
  }),
  'leaves a group that was made in part as it is': (right) => ({
    ensureGroup: async (target, request, context) =>
      (await groupOf(right, target, request.group)) === undefined ? right.ensureGroup(target, request, context) : {},
  }),
  'takes a lost answer for a yes': (right) => ({
    ensureGroup: (...given) => unless('unknown', right.ensureGroup(...given), async () => ({})),
  }),
  'retires the whole fleet': (right) => ({
    retire: async (target, _group, context) => {
      for (const { id } of (await right.describe(target, context)).groups) await right.retire(target, id, context)
      return {}
    },
  }),
  'complains about a group that is gone already': (right) => ({
    retire: async (target, group, context) => {
      if ((await groupOf(right, target, group)) === undefined) throw callFailed('not-found', 'retire', 'There is no such group.')
      return await right.retire(target, group, context)
    },
  }),
}

/** What a provider with one fault does to sizes. */
const SIZES: Readonly<Record<string, Fault>> = {
  'adds to the size instead of setting it': (right) => ({
    resize: async (target, group, sizes, version, context) => {
      const before = (await groupOf(right, target, group))?.sizes ?? {}
      const sums = Object.entries(sizes).map(([release, size]) => [release, size + (before[release] ?? 0)])
      return await right.resize(target, group, Object.fromEntries(sums), version, context)
    },
  }),
  'cuts a group to the size that is set': (right) => ({
    resize: async (target, group, sizes, version, context) => {
      const answer = await right.resize(target, group, sizes, version, context)
      await cutTo(right, target, group, sizes, context)
      return answer
    },
  }),
  'accepts a size and does nothing': () => ({ resize: () => Promise.resolve({}) }),
  'pays no heed to the version': (right) => ({
    resize: (target, group, sizes, _version, context) => right.resize(target, group, sizes, undefined, context),
  }),
  'sets releases that are not named to nothing': (right) => ({
    resize: async (target, group, sizes, version, context) => {
      const before = (await groupOf(right, target, group))?.sizes ?? {}
      const others = Object.keys(before).filter((release) => sizes[release] === undefined)
      await cutTo(right, target, group, Object.fromEntries(others.map((release) => [release, 0])), context)
      return await right.resize(target, group, sizes, version, context)
    },
  }),
  'makes do with what the maximum allows': (right) => ({
    resize: (...given) => unless('quota', right.resize(...given), async () => ({})),
  }),
  'launches what it knows for a release that it does not': (right) => ({
    resize: (...given) => unless('invalid', right.resize(...given), async () => ({})),
  }),
  'removes as many as were named, whoever they are': (right) => ({
    remove: (target, group, _instances, sizesAfter, context) => cutTo(right, target, group, sizesAfter, context),
  }),
  'ends whoever is more than the size that remains': (right) => ({
    remove: async (target, group, instances, sizesAfter, context) => {
      await right.remove(target, group, instances, sizesAfter, context)
      return await cutTo(right, target, group, sizesAfter, context)
    },
  }),
  'complains about instances that are gone already': (right) => ({
    remove: async (target, group, instances, sizesAfter, context) => {
      const present = (await groupOf(right, target, group))?.instances.map((one) => one.id) ?? []
      if (!instances.every((id) => present.includes(id))) throw callFailed('not-found', 'remove', 'There is no such instance.')
      return await right.remove(target, group, instances, sizesAfter, context)
    },
  }),
  'lets a group keep the size it had when it removes': (right) => ({
    remove: async (target, group, instances, _sizesAfter, context) => right.remove(target, group, instances, {}, context),
  }),
}

/** What a provider with one fault does to marks. */
const HOLDS: Readonly<Record<string, Fault>> = {
  'lets the later of two owners have it': (right) => ({
    hold: async (target, group, mark, min, context) => {
      for (const one of (await groupOf(right, target, group))?.holds ?? [])
        if (one.kind === mark.kind) await right.release(target, group, one.kind, one.owner, context)
      return await right.hold(target, group, mark, min, context)
    },
  }),
  'lets others mark what somebody has claimed': (right) => ({
    hold: async (target, group, mark, min, context) =>
      await right.hold(target, group, mark, min, context).catch((error: unknown) => {
        if (mark.kind === 'claim') throw error
        return {}
      }),
  }),
  'never lets go of a mark that has expired': (right) => ({
    hold: async (target, group, mark, min, context) => {
      const held = (await groupOf(right, target, group))?.holds ?? []
      if (held.some((one) => one.kind === mark.kind && one.owner !== mark.owner))
        throw callFailed('conflict', 'hold', 'It is held.')
      return await right.hold(target, group, mark, min, context)
    },
  }),
  'keeps the raised minimum for the one before': (right) => ({
    hold: (target, group, mark, min, context) => {
      const before = min === undefined ? {} : { previousMin: min }
      return right.hold(target, group, { ...mark, ...before }, min, context)
    },
  }),
  'begins a group with a higher minimum': showing((one) => (one.id === 'web' ? one : { ...one, min: one.min + 1 })),
  'lowers the minimum while it holds it': showing((group) =>
    group.holds.some((one) => one.kind === 'scale-in') ? { ...group, min: Math.min(group.min, 1) } : group,
  ),
  'claims each group by itself': (right) => ({
    hold: (...given) =>
      unless('conflict', right.hold(...given), async () => (given[1] === 'web' ? await right.hold(...given) : {})),
  }),
  "removes anybody's mark": (right) => ({
    release: async (target, group, kind, _owner, context) => {
      const mark = (await groupOf(right, target, group))?.holds.find((one) => one.kind === kind)
      return await right.release(target, group, kind, mark?.owner ?? '', context)
    },
  }),
  'removes the marks of both kinds': (right) => ({
    release: async (target, group, _kind, owner, context) => {
      await right.release(target, group, 'claim', owner, context)
      return await right.release(target, group, 'scale-in', owner, context)
    },
  }),
}

const FAULTS = { ...LOOKS, ...NAMES, ...IMAGES, ...GROUPS, ...SIZES, ...SLOTS, ...UPDATES, ...HOLDS }

test('a right provider passes', async () => {
  expect(await failureOf(() => ({}))).toBeUndefined()
})

test.for(Object.keys(FAULTS))('a provider that %s does not pass', async (name) => {
  expect(await failureOf(FAULTS[name] as Fault)).toBeDefined()
})

function failureOf(fault: Fault): Promise<string | undefined> {
  const options = simulated({}, ({ provider }) => ({ provider: { ...provider, ...fault(provider) } }))
  return firstFailure((harness) => providerContract(harness, options))
}

function looking(change: (look: ProviderLook) => ProviderLook): Fault {
  return (right) => ({ describe: async (...given) => change(await right.describe(...given)) })
}

function showing(change: (group: GroupView) => GroupView): Fault {
  return looking((look) => ({ ...look, groups: look.groups.map(change) }))
}

/** Ends whoever is more than these sizes, the first ones. */
async function cutTo(
  provider: FleetProvider,
  target: FleetTarget,
  id: string,
  sizes: Readonly<Record<string, number>>,
  context: CallContext,
): Promise<Accepted> {
  const there = (await groupOf(provider, target, id))?.instances.filter((one) => one.state !== 'terminating') ?? []
  const victims = Object.entries(sizes).flatMap(([release, size]) => {
    const own = there.filter((one) => one.release === release)
    return own.slice(0, Math.max(0, own.length - size))
  })
  const names = victims.map((one) => one.id)
  return await provider.remove(target, id, names, sizes, context)
}

async function groupOf(provider: FleetProvider, target: FleetTarget, id: string): Promise<GroupView | undefined> {
  const context = { signal: new AbortController().signal, token: 'read' }
  return (await provider.describe(target, context)).groups.find((group) => group.id === id)
}
