import { blueGreen, canary, inPlace, rolling, slots } from 'imago'
import { azurePermissions, galleryImage, marketplaceImage, type AzureFeature, type AzurePermissions } from 'imago/azure'
import { faultOf, type Proof } from '../kit/permissions.ts'
import { leaveByHand } from './by-hand.ts'
import { addSlot, leadTo } from './fleet.ts'
import { CLONED, drive, ENDPOINTS, featuresOf, IDENTITY, leftovers, PLACE, refusals, setUp, type Job } from './rolling.ts'
import { createSite, DEFINITION, type Site } from './site.ts'
import { networkId, type Body } from './wire/account.ts'

/** What is asked of Azure Resource Manager; the store is asked for by itself. */
export const FEATURES: readonly AzureFeature[] = [
  'scaleSets',
  'clone',
  'rollingUpgrade',
  'loadBalancer',
  'ruleSwap',
  'applicationGateway',
  'trafficManager',
  'frontDoor',
  'gallery',
  'marketplace',
]

/** All that imago/azure can need of Azure Resource Manager. */
export const WHOLE = azurePermissions({ ...PLACE, features: FEATURES })

const UBUNTU = 'Canonical:ubuntu-24_04-lts:server'
const SOLD = { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: '24.04.202510010' }

/** A rollout, and how it is to end. */
interface Scenario extends Job {
  /** Whether what it rolls is of the marketplace. */
  readonly isSold?: true
  /** Whether its owner takes what was launched out of its pool. */
  readonly isTaken?: true
  /** @default 'promoted' */
  readonly outcome?: 'rolled-back'
  /** How many sets stay that serve nothing. @default 0 */
  readonly idle?: number
}

const SWAPPED: Scenario = { strategy: blueGreen({ bake: '30s' }), groups: CLONED, way: 'rules', before: giveEverything }
const COUNTED: Scenario = { ...SWAPPED, strategy: canary({ weights: [34], bake: '30s' }), way: 'a pool' }
const UNIFORM = { settings: { mode: 'Uniform' } } as const
const BACK = { behaviour: { kind: 'never-healthy' }, outcome: 'rolled-back' } as const

/** What together needs everything that WHOLE allows. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  'blue/green by rules': SWAPPED,
  'blue/green by rules, rolled back': { ...SWAPPED, ...BACK },
  'blue/green by rules of a Uniform set, rolled back': { ...SWAPPED, ...BACK, ...UNIFORM },
  'blue/green where no machines are left': { ...SWAPPED, ...UNIFORM, before: useUp, outcome: 'rolled-back' },
  'blue/green by a gateway': { ...SWAPPED, way: 'a gateway' },
  'blue/green by a gateway of a Uniform set, rolled back': { ...SWAPPED, ...BACK, ...UNIFORM, way: 'a gateway' },
  'canary by count': COUNTED,
  'canary by count, whose owner takes it out of its pool': { ...COUNTED, isTaken: true },
  'canary by count of a Uniform set, whose owner takes it out of its pool': {
    ...COUNTED,
    ...UNIFORM,
    isTaken: true,
  },
  ...behindEndpoints('Traffic Manager', 'trafficManager'),
  ...behindEndpoints('Front Door', 'frontDoor'),
  'rolling in place': { strategy: rolling({ maxSurge: 1 }), groups: inPlace('web') },
  "rolling in place by Azure's own upgrade": { strategy: rolling({ by: 'native' }), groups: inPlace('web') },
  'rolling an image of the marketplace in place': {
    strategy: rolling({ maxSurge: 1 }),
    groups: inPlace('web'),
    settings: { image: SOLD },
    isSold: true,
  },
  'blue/green from one slot to the other': {
    ...SWAPPED,
    groups: slots('web', 'web-b'),
    before: (site) => addSlot(site, { pool: 'web-lb/web-b' }),
    idle: 1,
  },
}

/** From one slot to the other by weights, and by count in a pool behind one endpoint, whose owner takes out what was launched. */
function behindEndpoints(
  way: 'Traffic Manager' | 'Front Door',
  kind: 'trafficManager' | 'frontDoor',
): Readonly<Record<string, Scenario>> {
  const lead = (site: Site) => void leadTo(site, kind, ...Object.values(ENDPOINTS))
  const counted: Scenario = {
    ...COUNTED,
    way,
    isTaken: true,
    before: (site) => {
      giveEverything(site)
      lead(site)
    },
  }
  return {
    [`canary by weights of ${way}`]: {
      ...COUNTED,
      way,
      groups: slots('web', 'web-b'),
      before: (site) => {
        addSlot(site, { pool: ENDPOINTS.green })
        lead(site)
      },
      paceMs: 60_000,
      idle: 1,
    },
    [`canary by count behind ${way}`]: counted,
    [`canary by count of a Uniform set behind ${way}`]: { ...counted, ...UNIFORM },
  }
}

/** Azure has no more machines. */
function useUp({ world }: Site): void {
  world.machines.runShort(() => 'Azure has no such machines left.')
}

/** What is somebody's: whom the machines of a set are, and who may reach them. */
function giveEverything({ account }: Site): void {
  for (const set of account.sets.values()) {
    const more = { ...set.model.more, identity: { type: 'UserAssigned', userAssignedIdentities: { [IDENTITY]: {} } } }
    const { virtualMachineProfile: profile } = set.model.properties
    const properties = {
      ...set.model.properties,
      virtualMachineProfile: guarded(profile, networkId(account, 'networkSecurityGroups/web')),
    }
    set.model = { ...set.model, properties, more }
  }
}

/** A profile whose network interfaces are in a security group. */
function guarded(profile: unknown, id: string): Body {
  return JSON.parse(JSON.stringify(profile), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && 'ipConfigurations' in value
      ? { ...value, networkSecurityGroup: { id } }
      : value,
  ) as Body
}

/** What of imago a scenario makes use of. */
export function featuresIn(name: string): readonly AzureFeature[] {
  const { isSold, ...job } = scenarios[name]!
  return [...featuresOf(job), ...(isSold === true ? ['marketplace' as const] : [])]
}

/** What a scenario should need, and nothing else. */
function exactly(name: string, to: 'plan' | 'roll' = 'roll'): AzurePermissions {
  return azurePermissions({ ...PLACE, features: featuresIn(name), to })
}

/** What is asked for when a scenario is planned by whoever may only plan. @throws RolloutError when that is not enough. */
export async function askedToPlan(name: string): Promise<ReadonlySet<string>> {
  const site = await createSite()
  const job = scenarios[name]!
  const image = imageFor(site, job)
  const { web } = setUp(site, { ...job, policy: exactly(name, 'plan') })
  await web.plan({ image, strategy: job.strategy as never })
  return site.account.asked
}

/** What was refused in a rollout, or how else it did not end as it should. */
async function tried(site: Site, job: Scenario): Promise<string | undefined> {
  const image = imageFor(site, job)
  const { web } = setUp(site, job)
  const rollout = await web.start(await web.plan({ image, strategy: job.strategy as never }))
  const refused = refusals(rollout)
  if (job.isTaken === true) rollout.on('generation.created', () => leaveByHand(site.account, site.account.sets.get('web-v001')!))
  // What nobody may look at is left to a person.
  for (let part = 0; part < 30 && rollout.state.paused === undefined; part++) await drive(site, rollout, 20, job.paceMs)
  const { outcome, reason } = await rollout.report()
  if (rollout.state.paused !== undefined) return rollout.state.paused.reason
  if (outcome !== (job.outcome ?? 'promoted') || refused.length > 0) return [outcome, reason, ...refused].join('; ')
  return leftovers(site, job.idle)[0]
}

/** The newest image, of the gallery or of the marketplace. */
function imageFor({ account, world }: Site, { isSold }: Pick<Scenario, 'isSold'>) {
  if (isSold === undefined) return galleryImage(DEFINITION)
  const key = UBUNTU.replaceAll(':', '/').toLowerCase()
  const versions = ['24.04.202510010', '24.04.202511010']
  account.marketplace.set(key, { versions, deprecated: false })
  for (const one of versions) world.images.publish(`${key}/${one}`, { kind: 'good' })
  return marketplaceImage(UBUNTU)
}

/** Every action that is given. */
export function actionsOf(permissions: AzurePermissions): string[] {
  return [...new Set(permissions.flatMap(({ role }) => [...role.Actions, ...role.DataActions]))].toSorted()
}

/** Each scenario gets through with what it should need, and stumbles over whatever is missing of that. */
export const proof: Proof<AzurePermissions> = {
  scenarios: Object.keys(scenarios),
  exactly,
  without: (permissions, action) =>
    permissions.map(({ scope, role }) => ({ scope, role: { ...role, Actions: role.Actions.filter((one) => one !== action) } })),
  async play(name, policy) {
    const site = await createSite()
    const fault = await faultOf(() => tried(site, { ...scenarios[name]!, policy }))
    return { fault, asked: site.account.asked }
  },
  says: (action) => `'${action}'`,
}
