import { blueGreen, canary, inPlace, rolling, slots, type Placement } from 'imago'
import type { ImageBehaviour } from 'imago/testing'
import { throughDeaths, type Blow, type End } from '../kit/deaths.ts'
import { addSlot, NEW, previewRule, setUpFleet } from './fleet.ts'
import { giveParts } from './parts.ts'
import { CLONED, leftovers, newStore, startProcess, type Job } from './rolling.ts'
import { createSite, type Site } from './site.ts'

/** A rollout in which a process dies, or loses an answer. */
interface Course {
  readonly strategy: Job['strategy']
  readonly groups: Placement
  readonly behaviour: ImageBehaviour
  /** What the owner gave the fleet first. */
  readonly before?: (site: Site) => Promise<void>
  /** Whether a rule of the owner's leads to a candidate without traffic. @default false */
  readonly previewed?: boolean
}

const [GOOD, MUTE] = [{ kind: 'good' }, { kind: 'never-healthy' }] as const

export const courses: Readonly<Record<string, Course>> = {
  'blue/green': { strategy: blueGreen({ bake: '30s' }), groups: CLONED, behaviour: GOOD },
  canary: { strategy: canary({ weights: [34, 67], bake: '30s' }), groups: CLONED, behaviour: GOOD },
  'rolling in place': { strategy: rolling({ maxSurge: 1 }), groups: inPlace('web'), behaviour: GOOD },
  'blue/green of a group that has everything': {
    strategy: blueGreen({ bake: '30s' }),
    groups: CLONED,
    behaviour: GOOD,
    before: giveParts,
  },
  'blue/green with a preview': {
    strategy: blueGreen({ bake: '30s' }),
    groups: CLONED,
    behaviour: GOOD,
    previewed: true,
  },
  'blue/green with a preview, rolled back': {
    strategy: blueGreen({ bake: '30s' }),
    groups: CLONED,
    behaviour: MUTE,
    previewed: true,
  },
  'blue/green, rolled back': { strategy: blueGreen({ bake: '30s' }), groups: CLONED, behaviour: MUTE },
  'from one slot to the other': {
    strategy: blueGreen({ bake: '30s' }),
    groups: slots('web', 'web-b'),
    behaviour: GOOD,
    before: addSlot,
  },
  'from one slot to the other, rolled back': {
    strategy: blueGreen({ bake: '30s' }),
    groups: slots('web', 'web-b'),
    behaviour: MUTE,
    before: addSlot,
  },
  'an instance refresh': { strategy: rolling({ by: 'native' }), groups: inPlace('web'), behaviour: GOOD },
  'an instance refresh, rolled back': { strategy: rolling({ by: 'native' }), groups: inPlace('web'), behaviour: MUTE },
  'rolling in place, rolled back': { strategy: rolling({ maxSurge: 1 }), groups: inPlace('web'), behaviour: MUTE },
}

/** Goes through a course with one blow, or unharmed, to its end. */
export async function goThrough({ strategy, groups, behaviour, before, previewed = false }: Course, blow?: Blow): Promise<End> {
  const site = await createSite({ standing: true })
  const { listener } = await setUpFleet(site)
  await before?.(site)
  site.publish(NEW, behaviour)
  const store = newStore(site)
  const preview = previewed ? { rule: await previewRule(site, listener), url: 'http://preview.invalid' } : undefined
  const start = { listener, groups, store, preview }
  const planner = startProcess(site, { ...start, name: 'planner' })
  const { id } = await planner.web.start(await planner.web.plan({ image: NEW, strategy: strategy as never }))
  const changes: string[] = []
  const standing = site.world.machines.launched
  const outcome = await throughDeaths(site, { blow, changes, changeNamed }, async (life, name) => {
    const { imago } = startProcess(site, { ...start, name, life })
    return (await (await imago.rollout(id)).run()).outcome
  })
  await site.close()
  site.world.runUntil(site.world.now + ENDED_MS)
  return { outcome, state: stateOf(site), launched: site.world.machines.launched - standing, changes }
}

/** What is being ended has ended by then. */
const ENDED_MS = 600_000

/** A command of AWS that is more than a question. Calls of the store begin with a small letter. */
function changeNamed(call: string): string | undefined {
  return /^(?!Describe|Get|RunInstances)[A-Z].*Command$/.test(call) ? call.replace(/Command$/, '') : undefined
}

function stateOf(site: Site): string {
  const { alarms, groups, instances, rules, targetGroups, templates } = site.account
  const named = (arn: string) => targetGroups.get(arn)?.name ?? arn
  return [
    ...leftovers(site),
    ...[...groups.values()].map(
      ({ name, min, max, desired, targetGroups: joined, tags, template }) =>
        `group ${name} ${min}/${max}/${desired} in ${[...joined].map(named).join()} from version ${template.version}, bears ${[...tags.keys()].toSorted().join()}`,
    ),
    ...[...groups.values()].map(
      ({ name, metrics, refreshes, separate, suspended, warmPool }) =>
        `${name} is refreshed: ${refreshes.some((one) => one.endedAt === undefined)}, has ${[...separate.keys()].toSorted().join()}, collects ${[...metrics].join()}, stops ${[...suspended].join()}, ${warmPool === undefined ? 'no pool' : 'a pool'}`,
    ),
    ...[...alarms.keys()].toSorted().map((name) => `alarm ${name}`),
    ...[...rules.values()].map((rule) => `rule ${rule.forwards.map((one) => `${named(one.arn)} ${one.weight}`).join()}`),
    ...[...instances.values()].map((one) => `an instance of ${one.image}, ${one.lifecycle}`),
    ...[...templates.values()].map((one) => `template ${one.name}, ${one.versions.length} versions`),
  ].join('\n')
}
