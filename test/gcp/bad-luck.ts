import { blueGreen, canary, clone, rolling, type Rollout, type RolloutSpec } from 'imago'
import { BLUE_GREEN, planned, sayings, threeOf, told, UNTOUCHED, type BadLuck, type Told } from '../kit/bad-luck.ts'
import { UNHEARD } from '../kit/wire/fate.ts'
import { deleteByHand } from './fleet.ts'
import { leftovers, makeFleet, NEW, OLD, startProcess, unharmed } from './rolling.ts'
import type { Site } from './site.ts'
import { proof } from './permissions.ts'
import { withWeights } from './url-map.ts'
import { Fault, notFound } from './wire/fault.ts'
import type { GroupRecord } from './wire/project.ts'

const [OLDS, NEWS] = [threeOf(OLD), threeOf(NEW)]
const CANARY = canary({ weights: [34], bake: '1m' })

/** What can go wrong on Google Cloud. */
export const badLuck: readonly BadLuck<Site>[] = [
  {
    situation: 'the group is not there',
    does: 'refuses to plan',
    code: 'call-failed, not-found',
    says: 'there is no managed instance group … in …',
    leaves: UNTOUCHED,
    images: OLDS,
    try: (site) => refused(site, 'webb'),
  },
  {
    situation: 'the group is being deleted',
    does: 'refuses to plan: Compute deletes only what no backend service names',
    code: 'call-failed, not-found',
    says: 'The URL map … of … sends nothing to …',
    leaves: 'to its deletion',
    images: [],
    try(site) {
      deleteByHand(site.project, groupNamed(site, 'web'))
      return refused(site)
    },
  },
  {
    situation: 'a role may not do one thing',
    does: 'asks three times, then rolls back',
    code: 'rolled-back',
    says: "Compute Engine answered backendServices.insert with 403 forbidden: Required 'compute.backendServices.create' permission for …",
    leaves: 'as before',
    images: OLDS,
    try: (site) =>
      rolled(
        site,
        BLUE_GREEN,
        ({ project }) => void (project.policy = proof.without(project.policy, 'compute.backendServices.create')),
      ),
  },
  {
    situation: 'the image is deleted in the middle',
    does: 'asks on, and rolls back at the progress deadline',
    code: 'rolled-back',
    says: "no progress towards … for 16m; group …: Compute Engine answered images.get with 404 notFound: The resource '…' was not found",
    leaves: 'as before',
    images: OLDS,
    try: (site) =>
      rolled(site, BLUE_GREEN, ({ project, world }) => {
        const image = project.images.get(NEW)!
        image.isGone = true
        world.images.withdraw(image.id)
      }),
  },
  {
    situation: 'the image is deprecated in the middle',
    does: 'goes on: it is launched still',
    code: 'promoted',
    says: 'every gate opened',
    leaves: 'promoted',
    images: NEWS,
    try: (site) =>
      rolled(site, BLUE_GREEN, ({ project }) => void (project.images.get(NEW)!.deprecated = { state: 'DEPRECATED' })),
  },
  {
    situation: 'the zone has no machines left',
    does: 'rolls back once more launches have failed than are forgiven: the group tries again for ever',
    code: 'rolled-back',
    says: 'ZONE_RESOURCE_POOL_EXHAUSTED: The zone … does not have enough resources available to fulfill the request.',
    leaves: 'as before',
    images: OLDS,
    try: (site) => rolled(site, BLUE_GREEN, ({ world }) => void world.machines.runShort(() => 'none left')),
  },
  {
    situation: 'a quota is used up',
    does: 'rolls back once more launches have failed than are forgiven',
    code: 'rolled-back',
    says: "QUOTA_EXCEEDED: Quota 'CPUS' exceeded. Limit: 24.0 in region …",
    leaves: 'as before',
    images: OLDS,
    try: (site) =>
      rolled(site, BLUE_GREEN, ({ project }) => {
        const message = `Quota 'CPUS' exceeded. Limit: 24.0 in region ${project.region}.`
        project.launchRefusal = { code: 'QUOTA_EXCEEDED', message }
      }),
  },
  {
    situation: 'the requests of a minute are used up, again and again',
    does: 'asks once more after a pause, goes on when the next minute has begun, and counts none of it as a failure',
    code: 'promoted',
    says: 'every gate opened',
    leaves: 'promoted',
    images: NEWS,
    try: (site) => rolled(site, BLUE_GREEN, limitRequests),
  },
  {
    situation: 'credentials expire',
    does: 'asks on, calls a person after five minutes, and goes on once it is resumed',
    code: 'promoted',
    says: 'the fleet could not be looked at since …: Compute Engine answered … with 401 authError: Request had invalid authentication credentials',
    leaves: 'promoted',
    images: NEWS,
    try: renewed,
  },
  {
    situation: 'somebody changes the weights of the URL map',
    does: 'looks again, and sets them as they shall be',
    code: 'promoted',
    says: 'traffic.disturbed',
    leaves: 'promoted',
    images: NEWS,
    try: (site) =>
      rolled(
        site,
        CANARY,
        () => undefined,
        () => giveAllTo(site, 'web'),
      ),
  },
  {
    situation: 'somebody writes the URL map between a look and the change of its weights',
    does: 'is refused by the fingerprint, looks again, and keeps what was written',
    code: 'promoted',
    says: 'Compute Engine answered urlMaps.update with 412 conditionNotMet: Invalid fingerprint.',
    leaves: 'promoted, with what the person wrote',
    images: NEWS,
    try: (site) => rolled(site, CANARY, () => writeBefore(site, 'urlMaps.update', 3)),
  },
  {
    situation: 'an operation is accepted, and fails',
    does: 'says what it failed of, and asks again',
    code: 'promoted',
    says: 'instanceGroupManagers.insert was accepted, and failed: INTERNAL_ERROR: Try again. …',
    leaves: 'promoted',
    images: NEWS,
    try: (site) =>
      rolled(site, BLUE_GREEN, ({ project, world }) => {
        project.failures.set('instanceGroupManagers.insert', { code: 'INTERNAL_ERROR', message: 'Try again.', status: 500 })
        world.schedule(world.now + 30_000, () => project.failures.clear())
      }),
  },
  {
    situation: 'an operation that was accepted is not found again',
    does: 'looks at what has come of it, and asks for the rest',
    code: 'promoted',
    says: "Compute Engine answered operations.wait with 404 notFound: The resource '…' was not found",
    leaves: 'promoted',
    images: NEWS,
    try: (site) =>
      rolled(site, BLUE_GREEN, ({ project, world }) => {
        project.mishaps.set('operations.wait', notFound('operations/operation-1'))
        world.schedule(world.now + 30_000, () => project.mishaps.clear())
      }),
  },
  {
    situation: 'the answer to a change is lost',
    does: 'looks whether it was carried out before it asks again',
    code: 'promoted',
    says: 'instanceGroupManagers.insert failed: fetch failed',
    leaves: 'promoted',
    images: NEWS,
    try: (site) => rolled(site, BLUE_GREEN, () => loseAnswer(site, 'instanceGroupManagers.insert')),
  },
  {
    situation: 'somebody deletes the old group once all traffic has moved',
    does: 'keeps the new one, takes the old backend service away, and says that there is no way back',
    code: 'failed',
    says: 'web-v001 serves alone; the recorded release has no group any more',
    leaves: 'the new group serves, and nothing of the old one is left',
    images: NEWS,
    try: (site) =>
      rolled(
        site,
        blueGreen({ bake: '2m' }),
        () => undefined,
        () => deleteByHand(site.project, groupNamed(site, 'web')),
      ),
  },
]

/** A fleet that is well, and the new image. */
export function standing(site: Site): void {
  makeFleet(site)
  site.publish(NEW)
}

function process(site: Site, adopt = 'web') {
  const { web } = startProcess(site, { groups: clone({ adopt }), life: unharmed(site) })
  return { web, image: `gce:${site.project.id}/${site.project.images.get(NEW)!.id}` }
}

function refused(site: Site, adopt?: string): Promise<Told> {
  const { web, image } = process(site, adopt)
  return planned(site.drive(web.plan({ image, strategy: rolling() })))
}

/** Rolls with bad luck from its first turn on, or once traffic was shifted. */
async function rolled(
  site: Site,
  strategy: RolloutSpec['strategy'],
  luck: (site: Site) => void,
  amid?: (site: Site) => void,
): Promise<Told> {
  const rollout = await start(site, strategy)
  const said = sayings(rollout)
  luck(site)
  let isOver = amid === undefined
  rollout.on('traffic.shifted', () => {
    if (!isOver) amid?.(site)
    isOver = true
  })
  await drive(site, rollout)
  return await site.drive(told(rollout, said, leftovers(site)))
}

function start(site: Site, strategy: RolloutSpec['strategy']): Promise<Rollout> {
  const { web, image } = process(site)
  return site.drive(web.plan({ image, strategy: strategy as never }).then((plan) => web.start(plan)))
}

/** Turn after turn, for as many as are given or until it has ended. */
async function drive(site: Site, rollout: Rollout, turns = 600): Promise<void> {
  for (let turn = 0; turn < turns && rollout.state.phase !== 'done'; turn++) {
    const { wakeAt } = await site.drive(rollout.tick())
    site.world.runUntil(Math.max(wakeAt, site.world.now + 1_000))
  }
}

async function renewed(site: Site): Promise<Told> {
  const rollout = await start(site, BLUE_GREEN)
  const said = sayings(rollout)
  await drive(site, rollout, 4)
  site.project.isExpired = true
  await drive(site, rollout, 40)
  site.project.isExpired = false
  await site.drive(rollout.resume({ by: 'ana' }))
  await drive(site, rollout)
  return await site.drive(told(rollout, said, leftovers(site)))
}

function groupNamed({ project }: Site, name: string): GroupRecord {
  return [...project.groups.values()].find((one) => one.name === name)!
}

function giveAllTo({ project }: Site, name: string): void {
  const [path = ''] = project.urlMaps.keys()
  project.urlMaps.set(path, withWeights(project, { [name]: 1_000 }))
}

/** A person writes the URL map just before such a call arrives, the so-manieth of it. */
function writeBefore({ project }: Site, method: string, number: number): void {
  let count = 0
  project.fateOf = (name) => {
    if (name !== method || ++count !== number) return undefined
    const [[path = '', map = {}] = []] = project.urlMaps
    project.urlMaps.set(path, { ...map, description: 'the shop' })
    return undefined
  }
}

/** So many are answered in each minute of the clock. */
function limitRequests({ project, world }: Site): void {
  let [minute, left] = [0, 0]
  project.fateOf = () => {
    const now = Math.floor(world.now / 60_000)
    if (now !== minute) [minute, left] = [now, REQUESTS_A_MINUTE]
    if (left-- > 0) return undefined
    const said = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'compute.googleapis.com'"
    return { refused: new Fault(403, 'rateLimitExceeded', said) }
  }
}

/** Fewer than a minute's looks take. */
const REQUESTS_A_MINUTE = 60

/** Of the next such call. */
function loseAnswer({ project }: Site, lost: string): void {
  project.fateOf = (name) => {
    if (name !== lost) return undefined
    project.fateOf = () => undefined
    return UNHEARD
  }
}
