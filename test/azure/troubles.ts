import { blueGreen, canary, clone, inPlace, rolling } from 'imago'
import { azurePermissions } from 'imago/azure'
import { createLife } from 'imago/testing'
import { planned, sayings, told, type BadLuck, type Told } from '../kit/bad-luck.ts'
import { deleteByHand } from './by-hand.ts'
import { launchFrom, leadTo, NEW, OLD } from './fleet.ts'
import { proof } from './permissions.ts'
import { CLONED, ENDPOINTS, leftovers, PLACE, setUp, type Job } from './rolling.ts'
import { DEFINITION, type Site } from './site.ts'
import { Fault } from './wire/fault.ts'

const [OLDS, NEWS] = [
  [OLD, OLD, OLD],
  [NEW, NEW, NEW],
]
const UNTOUCHED = 'untouched'
const SWAPPED: Job = { strategy: blueGreen({ bake: '30s' }), groups: CLONED, way: 'rules' }
const NATIVE: Job = { strategy: rolling({ by: 'native' }), groups: inPlace('web') }
const MINUTE_MS = 60_000

/** What can go wrong on Azure. */
export const troubles: readonly BadLuck<Site>[] = [
  {
    situation: 'the scale set is not there',
    does: 'refuses to plan',
    code: 'call-failed, not-found',
    says: 'there is no scale set webb, nor any with its mark',
    leaves: UNTOUCHED,
    images: OLDS,
    try: (site) => refused(site, { ...SWAPPED, groups: clone({ adopt: 'webb' }) }),
  },
  {
    situation: 'the set is in Rolling mode',
    does: 'refuses to plan: any change may re-image what runs',
    code: 'unsupported',
    says: 'web is in Rolling mode',
    leaves: UNTOUCHED,
    images: OLDS,
    try: (site) => refused(site, { ...SWAPPED, settings: { upgradeMode: 'Rolling' } }),
  },
  {
    situation: 'the set launches another image than it runs',
    does: 'refuses to plan',
    code: 'adoption-refused',
    says: 'web, which runs … and launches … by now. Choices: have it launch what it runs, by a version that does not move; roll it in place',
    leaves: UNTOUCHED,
    images: OLDS,
    try: (site) =>
      refused(site, {
        ...SWAPPED,
        settings: { mode: 'Uniform' },
        before: ({ account, publish }) => launchFrom(account.sets.get('web')!, { id: publish('1.0.2') }),
      }),
  },
  {
    situation: 'blue/green behind a pool that all share',
    does: 'refuses to plan',
    code: 'spec-invalid',
    says: 'a pool of a load balancer shares connections among its members, without weights',
    leaves: UNTOUCHED,
    images: OLDS,
    try: (site) => refused(site, { ...SWAPPED, way: 'a pool' }),
  },
  {
    situation: 'a share of the traffic, of rules that send to one pool',
    does: 'refuses to plan',
    code: 'spec-invalid',
    says: 'a rule sends to one pool, with all of the traffic',
    leaves: UNTOUCHED,
    images: OLDS,
    try: (site) => refused(site, { ...SWAPPED, strategy: canary({ weights: [5, 50] }) }),
  },
  {
    situation: 'a profile of Traffic Manager goes by performance',
    does: 'refuses to plan shares',
    code: 'spec-invalid',
    says: 'the profile shop routes by Performance',
    leaves: UNTOUCHED,
    images: OLDS,
    try: (site) =>
      refused(site, {
        ...SWAPPED,
        way: 'Traffic Manager',
        before: () => void (leadTo(site, 'trafficManager', ...Object.values(ENDPOINTS)).method = 'Performance'),
      }),
  },
  {
    situation: "the quota leaves no room for a batch of Azure's own upgrade",
    does: 'refuses to plan',
    code: 'spec-invalid',
    says: 'the quota leaves 0: of Standard DSv5 Family vCPUs 6 of 6 are in use',
    leaves: UNTOUCHED,
    images: OLDS,
    try: (site) => refused(site, { ...NATIVE, before: ({ account }) => void (account.quota = 3) }),
  },
  {
    situation: 'a role may not do one thing',
    does: 'asks three times, then rolls back',
    code: 'rolled-back',
    says: "Azure answered loadBalancers.createOrUpdate with AuthorizationFailed: The client … does not have authorization to perform action 'Microsoft.Network/loadBalancers/write' over scope …",
    leaves: 'as before',
    images: OLDS,
    try: (site) => rolled(site, { ...SWAPPED, policy: lacking('Microsoft.Network/loadBalancers/write') }),
  },
  {
    situation: 'a role may write a set, and not use its subnet',
    does: 'asks three times, then rolls back',
    code: 'rolled-back',
    says: "Azure answered virtualMachineScaleSets.createOrUpdate with LinkedAuthorizationFailed: … it does not have permission to perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) …",
    leaves: 'as before',
    images: OLDS,
    try: (site) => rolled(site, { ...SWAPPED, policy: lacking('Microsoft.Network/virtualNetworks/subnets/join/action') }),
  },
  {
    situation: 'the cores of the region are used up',
    does: 'asks again for as long as the progress deadline, then rolls back',
    code: 'rolled-back',
    says: 'Azure answered virtualMachineScaleSets.createOrUpdate with OperationNotAllowed: … exceeding approved standardDSv5Family Cores quota',
    leaves: 'as before',
    images: OLDS,
    try: (site) => rolled(site, SWAPPED, ({ account }) => void (account.quota = 3)),
  },
  {
    situation: 'Azure has no such machines left',
    does: 'removes what has failed, asks again, and rolls back at the progress deadline',
    code: 'rolled-back',
    says: 'AllocationFailed',
    leaves: 'as before',
    images: OLDS,
    try: (site) => rolled(site, SWAPPED, ({ world }) => void world.machines.runShort(() => 'There are none left.')),
  },
  {
    situation: "the quota gets short under Azure's own upgrade, and Azure re-images what runs",
    does: 'cancels the upgrade, and rolls back',
    code: 'rolled-back',
    says: 'it has re-imaged web_… instead of replacing',
    leaves: 'as before',
    images: OLDS,
    try: (site) => rolled(site, NATIVE, runShort),
  },
  {
    situation: 'the image never gets well',
    does: 'rolls back at the progress deadline',
    code: 'rolled-back',
    says: 'no progress towards …',
    leaves: 'as before',
    images: OLDS,
    try: (site) => rolled(site, { ...SWAPPED, behaviour: { kind: 'never-healthy' } }),
  },
  {
    situation: 'the version of the image is deleted in the middle',
    does: 'goes on with what runs of it',
    code: 'promoted',
    says: 'every gate opened',
    leaves: 'with the new image',
    images: NEWS,
    try: (site) => rolled(site, SWAPPED, undefined, ({ withdraw }) => void withdraw(`${DEFINITION}/versions/${NEW}`)),
  },
  {
    situation: 'somebody deletes the new set in the middle',
    does: 'rolls back',
    code: 'rolled-back',
    says: 'web-v001',
    leaves: 'as before',
    images: OLDS,
    try: (site) => rolled(site, SWAPPED, undefined, ({ account }) => deleteByHand(account, account.sets.get('web-v001')!)),
  },
  {
    situation: 'Azure throttles changes for two minutes',
    does: 'waits for as long as it is told, and gets through',
    code: 'promoted',
    says: 'Azure answered virtualMachineScaleSets.update with TooManyRequests: …',
    leaves: 'with the new image',
    images: NEWS,
    try: (site) => rolled(site, SWAPPED, (one) => refuseFor(one, 'virtualMachineScaleSets.update', THROTTLED)),
  },
  {
    situation: 'somebody else writes the load balancer for two minutes',
    does: 'asks again, and gets through',
    code: 'promoted',
    says: 'Azure answered loadBalancers.createOrUpdate with RetryableErrorDueToAnotherOperation: …',
    leaves: 'with the new image',
    images: NEWS,
    try: (site) => rolled(site, SWAPPED, (one) => refuseFor(one, 'loadBalancers.createOrUpdate', LOCKED)),
  },
  {
    situation: 'somebody else updates the application gateway for two minutes',
    does: 'asks again, and gets through',
    code: 'promoted',
    says: 'Azure answered applicationGateways.createOrUpdate with AnotherOperationInProgress: …',
    leaves: 'with the new image',
    images: NEWS,
    try: (site) =>
      rolled(site, { ...SWAPPED, way: 'a gateway' }, (one) => refuseFor(one, 'applicationGateways.createOrUpdate', BUSY)),
  },
  {
    situation: 'credentials expire for two minutes',
    does: 'looks on, and gets through',
    code: 'promoted',
    says: 'every gate opened',
    leaves: 'with the new image',
    images: NEWS,
    try: (site) =>
      rolled(site, SWAPPED, undefined, ({ account, world }) => {
        account.isExpired = true
        world.schedule(world.now + 2 * MINUTE_MS, () => void (account.isExpired = false))
      }),
  },
]

const THROTTLED = new Fault(429, 'TooManyRequests', 'The server rejected the request: too many were received.', {
  headers: { 'retry-after': '20' },
})
const LOCKED = new Fault(
  429,
  'RetryableErrorDueToAnotherOperation',
  'Another operation on this or dependent resource is in progress.',
)

const BUSY = new Fault(409, 'AnotherOperationInProgress', 'Another operation on this or dependent resource is in progress.')

/** Once the first batch of an upgrade is over there is no room for the next one, until Azure has re-imaged a machine. */
function runShort({ account, world }: Site): void {
  const set = account.sets.get('web')!
  const before = set.members.map((one) => one.vmId)
  let isFirstOver = false
  world.observe(() => {
    isFirstOver ||= set.rolling?.code === 'Cancelled'
    const isReimaged = set.members.some((one) => one.image.id?.endsWith(NEW) === true && before.includes(one.vmId))
    account.quota = isFirstOver && set.rolling?.code === 'RollingForward' && !isReimaged ? before.length : undefined
  })
}

/** An operation is refused for two minutes. */
function refuseFor({ account, world }: Site, operation: string, fault: Fault): void {
  account.refusals.set(operation, fault)
  world.schedule(world.now + 2 * MINUTE_MS, () => void account.refusals.delete(operation))
}

function lacking(action: string) {
  const all = azurePermissions({ ...PLACE, features: ['scaleSets', 'clone', 'ruleSwap', 'gallery'] })
  return proof.without(all, action)
}

/** What is said to a plan that is refused. */
async function refused(site: Site, job: Job): Promise<Told> {
  const { web, image } = setUp(site, job)
  return await planned(web.plan({ image, strategy: job.strategy as never }))
}

/** A rollout to its end. @param first what happens as it starts. @param amid what happens once the new set is made. */
async function rolled(site: Site, job: Job, first?: (site: Site) => void, amid?: (site: Site) => void): Promise<Told> {
  // Who is throttled waits, and time passes meanwhile.
  const life = createLife(site.world, { dies: () => false, loses: () => false }, () => undefined)
  const { web, image } = setUp(site, { ...job, life })
  const rollout = await site.drive(web.plan({ image, strategy: job.strategy as never }).then((plan) => web.start(plan)))
  const said = sayings(rollout)
  first?.(site)
  let isMade = false
  rollout.on('generation.created', () => {
    if (!isMade) amid?.(site)
    isMade = true
  })
  for (let turn = 0; turn < 600 && rollout.state.phase !== 'done'; turn++) {
    const { wakeAt } = await site.drive(rollout.tick())
    site.world.runUntil(Math.max(wakeAt, site.world.now + 1_000))
  }
  return await told(rollout, said, leftovers(site))
}
