import { blueGreen, canary, inPlace, rolling, slots, type Placement } from 'imago'
import { createLife, type Fate, type ImageBehaviour } from 'imago/testing'
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

/** What happens at one change that the processes of a course ask AWS for, from 1. */
export interface Blow {
  readonly at: number
  readonly kind: 'dies before' | 'dies after' | 'loses the answer'
}

/** Where a course ended. */
export interface End {
  readonly outcome: string
  /** The whole account, without times and ids. */
  readonly state: string
  /** Changes that AWS was asked for, in order. */
  readonly changes: readonly string[]
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

/** Every blow of a course that was gone through unharmed. */
export function blowsOf({ changes }: End): Blow[] {
  const kinds = ['dies before', 'dies after', 'loses the answer'] as const
  return kinds.flatMap((kind) => changes.map((_, index) => ({ at: index + 1, kind })))
}

/** What is wrong with the end of a course that was struck; `undefined` when it is the end of the unharmed one. */
export async function faultOf(course: Course, unharmed: End, blow: Blow): Promise<string | undefined> {
  const where = `${blow.kind} at ${blow.at}, ${unharmed.changes[blow.at - 1]}`
  const struck = await goThrough(course, blow)
  if (struck.outcome !== unharmed.outcome) return `${where}: ${struck.outcome} instead of ${unharmed.outcome}`
  return struck.state === unharmed.state ? undefined : `${where}: it ended as\n${struck.state}\ninstead of\n${unharmed.state}`
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
  const outcome = await controllers(site, { id, ...start, fate: fateOf(blow, changes) })
  await site.close()
  site.world.runUntil(site.world.now + ENDED_MS)
  return { outcome, state: stateOf(site), changes }
}

/** What is being ended has ended by then. */
const ENDED_MS = 600_000

/** Processes one after the other, until one of them sees the end. */
async function controllers(
  site: Site,
  { id, fate, ...given }: Omit<Parameters<typeof startProcess>[1], 'life'> & { readonly id: string; readonly fate: Fate },
): Promise<string> {
  for (let count = 1; ; count++) {
    const life = createLife(site.world, fate, () => undefined)
    const { imago } = startProcess(site, { ...given, name: `driver-${count}`, life })
    const ended = imago.rollout(id).then(async (rollout) => (await rollout.run()).outcome)
    const outcome = await site.drive(Promise.race([ended, life.death]))
    if (outcome !== undefined) return outcome
    site.world.runUntil(site.world.now + LEASE_MS)
  }
}

/** Until nobody believes any more that the process which died is at work. */
const LEASE_MS = 31_000

/** Strikes once; a course counts on whoever drives it. */
function fateOf(blow: Blow | undefined, changes: string[]): Fate {
  const strikes = (name: string, kind: Blow['kind']) => isChange(name) && blow?.kind === kind && changes.length === blow.at
  return {
    dies(name, moment) {
      if (moment === 'before' && isChange(name)) changes.push(name.replace(/Command$/, ''))
      return strikes(name, moment === 'before' ? 'dies before' : 'dies after')
    },
    loses: (name) => strikes(name, 'loses the answer'),
  }
}

/** A command of AWS that is more than a question. Calls of the store begin with a small letter. */
function isChange(name: string): boolean {
  return /^(?!Describe|Get|RunInstances)[A-Z].*Command$/.test(name)
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
