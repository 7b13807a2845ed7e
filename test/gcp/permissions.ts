import { blueGreen, canary, inPlace, rolling, slots } from 'imago'
import { gcpPermissions, imageFamily, type GcpPermissions } from 'imago/gcp'
import { faultOf, type Proof } from '../kit/permissions.ts'
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
function exactly(name: string, to: 'plan' | 'roll' = 'roll'): GcpPermissions {
  return gcpPermissions({ to, features: [...featuresOf(scenarios[name]!), 'imageFamily'], serviceAccounts: [ACCOUNT] })
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

/** Every permission that is given. */
export function permissionsOf({ role, grants }: GcpPermissions): string[] {
  return [...new Set([...role.includedPermissions, ...grants.flatMap((one) => one.permissions)])].toSorted()
}

/** Each scenario gets through with what it should need, and stumbles over whatever is missing of that. */
export const proof: Proof<GcpPermissions> = {
  scenarios: Object.keys(scenarios),
  exactly,
  without({ role, grants }, permission) {
    const others = (all: readonly string[]) => all.filter((one) => one !== permission)
    return {
      role: { ...role, includedPermissions: others(role.includedPermissions) },
      grants: grants.map((one) => ({ ...one, permissions: others(one.permissions) })),
    }
  },
  async play(name, policy) {
    const site = await createSite()
    const { asked } = site.project
    const fault = await faultOf(() => tried(site, { ...scenarios[name]!, policy }))
    site.close()
    return { fault, asked }
  },
  says: (permission) =>
    permission === 'iam.serviceAccounts.actAs' ? 'does not have access to service account' : `'${permission}'`,
}
