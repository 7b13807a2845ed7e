import { blueGreen, canary, clone, inPlace, rolling, slots } from 'imago'
import { marksOf, ownText } from '../../providers/gcp/marks.ts'
import { throughDeaths, type Blow, type End } from '../kit/deaths.ts'
import { ZONE } from './fleet.ts'
import { storeOf } from './kit.ts'
import { addSlot, leftovers, makeFleet, NEW, startProcess, unharmed, type Job } from './rolling.ts'
import { createSite, type Site } from './site.ts'
import { stayingIn } from './traces.ts'
import type { Project } from './wire/project.ts'

const MUTE = { behaviour: { kind: 'never-healthy' } } as const
const BLUE_GREEN = { strategy: blueGreen({ bake: '30s' }), groups: clone({ adopt: 'web' }) }
const CANARY = { strategy: canary({ weights: [34, 67], bake: '30s' }), groups: clone({ adopt: 'web' }) }
const IN_PLACE = { strategy: rolling({ maxSurge: 1 }), groups: inPlace('web') }
const NATIVE = { strategy: rolling({ by: 'native', progressDeadline: '3m' }), groups: inPlace('web') }
const SLOTS = { strategy: blueGreen({ bake: '30s' }), groups: slots('web', 'web-b'), before: addSlot }

/** Rollouts in which a process dies, or loses an answer. */
export const courses: Readonly<Record<string, Job>> = {
  'blue/green': BLUE_GREEN,
  'blue/green, rolled back': { ...BLUE_GREEN, ...MUTE },
  'canary by weights': CANARY,
  'canary by weights, rolled back': { ...CANARY, ...MUTE },
  'canary by count': { ...CANARY, balancer: 'backend service' },
  'canary by count, rolled back': { ...CANARY, ...MUTE, balancer: 'backend service' },
  'rolling in place': IN_PLACE,
  'rolling in place, rolled back': { ...IN_PLACE, ...MUTE },
  "rolling by the cloud's own updater": NATIVE,
  "rolling by the cloud's own updater, rolled back": { ...NATIVE, ...MUTE },
  'from one slot to the other': SLOTS,
  'from one slot to the other, rolled back': { ...SLOTS, ...MUTE },
}

/** What is being ended has ended by then. */
const ENDED_MS = 600_000

/** Goes through a rollout with one blow, or unharmed, to its end. */
export async function goThrough({ strategy, behaviour, before, ...start }: Job, blow?: Blow): Promise<End> {
  const site = await createSite({ called: 'deaths', driven: true })
  makeFleet(site, { location: ZONE })
  before?.(site)
  const { id: image } = site.publish(NEW, behaviour)
  const { web } = startProcess(site, { ...start, name: 'planner', life: unharmed(site) })
  const planned = web.plan({ image: `gce:${site.project.id}/${image}`, strategy: strategy as never })
  const { id } = await site.drive(planned.then((plan) => web.start(plan)))
  const changes: string[] = []
  const standing = site.world.machines.launched
  const outcome = await throughDeaths(site, { blow, changes, changeNamed }, async (life, name) => {
    const { imago } = startProcess(site, { ...start, name, life, store: storeOf(site) })
    return (await (await imago.rollout(id)).run()).outcome
  })
  site.close()
  site.world.runUntil(site.world.now + ENDED_MS)
  return {
    outcome,
    state: stateOf(site, start.groups?.kind === 'slots' ? 1 : 0),
    launched: site.world.machines.launched - standing,
    changes,
  }
}

/** A change of the Compute API. Calls of the store have no dot. */
function changeNamed(call: string): string | undefined {
  return /\.(?:insert|patch|update|delete|deleteInstances|setNamedPorts)$/.test(call) ? call : undefined
}

function stateOf(site: Site, empty: number): string {
  const { project } = site
  const { autoscalers, groups, services, templates, urlMaps } = project
  return [
    ...leftovers(site, empty),
    ...[...groups.values()].map(
      ({ name, targetSize, versions, updateType, description, namedPorts }) =>
        `group ${name} of ${targetSize} from ${versions.map((one) => one.template).join()}, ${updateType}, with ${JSON.stringify(namedPorts ?? [])}, says ${saidOf(description)}`,
    ),
    ...[...autoscalers.values()].map(({ name, min, max, mode }) => `autoscaler ${name} ${min}/${max} ${mode}`),
    ...[...services.values()].map(
      ({ name, backends, description }) =>
        `service ${name} sends to ${[...backends].map(([group, capacity]) => `${group} ${capacity}`).join()}, says ${saidOf(description)}`,
    ),
    ...[...urlMaps].map(([path, map]) => `${path} ${JSON.stringify(map)}`),
    ...[...templates.keys()].toSorted(byText).map((path) => `template ${path}`),
    ...stayingIn(project)
      .map((one) => `an instance of ${imageOf(project, one.machine?.image['sourceImageId'])}, ${one.action}`)
      .toSorted(byText),
  ].join('\n')
}

/** What its owner wrote, and which marks stand behind it: their values have ids of their own. */
function saidOf(description = ''): string {
  return [ownText({ description }), ...Object.keys(marksOf({ description })).toSorted(byText)].join(' ')
}

function imageOf({ images }: Project, number: unknown): string {
  return [...images.values()].find((one) => one.id === number)?.name ?? 'none'
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}
