import { blueGreen, canary, inPlace, rolling, slots } from 'imago'
import { gcpPermissions, imageFamily, type GcpPermissions } from 'imago/gcp'
import { addTemplate, REGION } from './fleet.ts'
import { addSlot, drive, featuresOf, leftovers, OLD, refusals, setUp, type Job } from './rolling.ts'
import { createSite, type Site } from './site.ts'
import { COMPUTE, urlOf } from './wire/project.ts'

const ACCOUNT = 'web@web-prod.iam.gserviceaccount.com'

/** All that imago/gcp can need of the Compute API. */
export const WHOLE = gcpPermissions({ features: COMPUTE, serviceAccounts: [ACCOUNT] })

const BLUE_GREEN = { strategy: blueGreen({ bake: '30s' }), before: giveLaunch }
const NEVER_HEALTHY = { kind: 'never-healthy' } as const

/** What together needs everything that WHOLE allows. */
export const scenarios: Readonly<Record<string, Job>> = {
  'blue/green of a zonal group': BLUE_GREEN,
  'blue/green of it, rolled back': { ...BLUE_GREEN, behaviour: NEVER_HEALTHY },
  'blue/green of a regional group': { ...BLUE_GREEN, location: REGION },
  'blue/green behind a regional URL map': { ...BLUE_GREEN, region: REGION },
  'canary by count behind a backend service': {
    strategy: canary({ weights: [34], bake: '30s' }),
    balancer: 'backend service',
  },
  'canary by count behind a regional backend service': {
    strategy: canary({ weights: [34], bake: '30s' }),
    balancer: 'backend service',
    region: REGION,
  },
  'rolling in place': { strategy: rolling({ maxSurge: 1 }), groups: inPlace('web'), before: giveLaunch },
  "rolling by the group's own updater": { strategy: rolling({ by: 'native' }), groups: inPlace('web'), before: giveLaunch },
  'blue/green from one slot to the other': {
    strategy: blueGreen({ bake: '30s' }),
    groups: slots('web', 'web-b'),
    before(site) {
      giveLaunch(site)
      addSlot(site)
    },
  },
}

/** A template that names what is somebody's: a subnetwork, and whom its instances are. */
function giveLaunch(site: Site): void {
  const { project } = site
  addTemplate(site, 'web-1', OLD, {
    networkInterfaces: [{ name: 'nic0', subnetwork: urlOf(project, `regions/${REGION}/subnetworks/web`) }],
    serviceAccounts: [{ email: ACCOUNT, scopes: ['https://www.googleapis.com/auth/cloud-platform'] }],
  })
}

/** What a scenario should need, and nothing else. */
export function exactly(name: string, to: 'plan' | 'roll' = 'roll'): GcpPermissions {
  return gcpPermissions({ to, features: [...featuresOf(scenarios[name]!), 'imageFamily'], serviceAccounts: [ACCOUNT] })
}

/** Tries permissions on a scenario. The fault, if there is one, and what was asked for. */
export async function goThrough(
  name: string,
  policy: GcpPermissions = exactly(name),
): Promise<{ fault: string | undefined; asked: ReadonlySet<string> }> {
  const site = await createSite()
  const { asked } = site.project
  try {
    return { fault: await tried(site, { ...scenarios[name]!, policy }), asked }
  } catch (error) {
    return { fault: String(error), asked }
  } finally {
    site.close()
  }
}

/** What is asked for when a scenario is planned by whoever may only plan. @throws RolloutError when that is not enough. */
export async function askedToPlan(name: string): Promise<ReadonlySet<string>> {
  const site = await createSite()
  const job = scenarios[name]!
  const { web } = setUp(site, { ...job, policy: exactly(name, 'plan') })
  await web.plan({ image: imageFamily({ project: site.project.id, family: 'web' }), strategy: job.strategy as never })
  site.close()
  return site.project.asked
}

/** What was refused in a rollout, or how else it did not end as it should. */
async function tried(site: Site, job: Job): Promise<string | undefined> {
  const { project } = site
  const { web } = setUp(site, job)
  const image = imageFamily({ project: project.id, family: 'web' })
  const rollout = await web.start(await web.plan({ image, strategy: job.strategy as never }))
  const refused = refusals(rollout)
  await drive(site, rollout)
  const { outcome, reason } = await rollout.report()
  const wanted = job.behaviour?.kind === 'never-healthy' ? 'rolled-back' : 'promoted'
  if (outcome !== wanted || refused.length > 0) return [outcome, reason, ...refused].join('; ')
  return leftovers(site, job.groups?.kind === 'slots' ? 1 : 0)[0]
}

/** The same but for one permission, wherever it is given. */
export function without({ role, grants }: GcpPermissions, permission: string): GcpPermissions {
  const others = (all: readonly string[]) => all.filter((one) => one !== permission)
  return {
    role: { ...role, includedPermissions: others(role.includedPermissions) },
    grants: grants.map((one) => ({ ...one, permissions: others(one.permissions) })),
  }
}

/** Every permission that is given. */
export function permissionsOf({ role, grants }: GcpPermissions): string[] {
  return [...new Set([...role.includedPermissions, ...grants.flatMap((one) => one.permissions)])].toSorted()
}

/** For each permission that is asked for, the first scenario that does. Each of them gets through with all that it should need. */
export async function neededBy(): Promise<ReadonlyMap<string, string>> {
  const needed = new Map<string, string>()
  for (const name of Object.keys(scenarios)) {
    const { fault, asked } = await goThrough(name)
    if (fault !== undefined) throw new Error(`${name}: ${fault}`)
    for (const permission of asked) if (!needed.has(permission)) needed.set(permission, name)
  }
  return needed
}

/** Whether a permission can be done without; `undefined` when what needs it stumbles over it. */
export async function superfluous(permission: string, needed: ReadonlyMap<string, string>): Promise<string | undefined> {
  const scenario = needed.get(permission)
  if (scenario === undefined) return `${permission} is asked for by no scenario`
  const { fault } = await goThrough(scenario, without(exactly(scenario), permission))
  const says = permission === 'iam.serviceAccounts.actAs' ? 'does not have access to service account' : `'${permission}'`
  return fault?.includes(says) === true ? undefined : `${scenario}, without ${permission}: ${fault ?? 'it got through'}`
}
