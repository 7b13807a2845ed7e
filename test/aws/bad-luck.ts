import { blueGreen, canary, createImago, inPlace, rolling, type Rollout, type RolloutSpec } from 'imago'
import { alb, aws } from 'imago/aws'
import { worldSystem } from 'imago/testing'
import { NEW, OLD } from './fleet.ts'
import { CLONED, drive, leftovers, newStore, startProcess } from './rolling.ts'
import type { Site } from './site.ts'
import { BLUE_GREEN, planned, sayings, threeOf, told, UNTOUCHED, type BadLuck, type Told } from '../kit/bad-luck.ts'
import { UNHEARD } from '../kit/wire/fate.ts'

const [OLDS, NEWS] = [threeOf(OLD), threeOf(NEW)]
const CANARY = canary({ weights: [34], bake: '5m' })

/** What can go wrong on AWS. */
export const badLuck: readonly BadLuck<Site>[] = [
  {
    situation: 'the group is not there',
    does: 'refuses to plan',
    code: 'call-failed, not-found',
    says: 'there is no Auto Scaling group … in …',
    leaves: UNTOUCHED,
    images: OLDS,
    try: (site) => refused(site, 'webb'),
  },
  {
    situation: 'somebody runs an instance refresh',
    does: 'refuses to plan, and names the choices',
    code: 'adoption-refused',
    says: 'found the instance refresh … of …, Pending, … % done, towards …. Choices: wait until it has ended; stop it',
    leaves: UNTOUCHED,
    images: OLDS,
    try: async (site) => {
      await site.owner.autoScaling.startInstanceRefresh({ AutoScalingGroupName: 'web' })
      return await refused(site)
    },
  },
  {
    situation: 'the group is being deleted',
    does: 'refuses to plan',
    code: 'unsupported',
    says: '… cannot be cloned: Status: the group is being deleted',
    leaves: 'to its deletion',
    images: OLDS,
    try: async (site) => {
      site.account.groups.get('web')!.deleting = true
      return await refused(site)
    },
  },
  {
    situation: 'a role may not do one thing',
    does: 'asks three times, then rolls back',
    code: 'rolled-back',
    says: 'AWS answered elb.CreateTargetGroup with AccessDenied: … is not authorized to perform: …',
    leaves: 'as before',
    images: OLDS,
    try: (site) => rolled(site, BLUE_GREEN, () => void site.account.denied.add('elb.CreateTargetGroup')),
  },
  {
    situation: 'the image is deregistered in the middle',
    does: 'rolls back once more launches have failed than are forgiven',
    code: 'rolled-back',
    says: "launches or instances of the candidate failed, … The AMI ID '…' does not exist.",
    leaves: 'as before',
    images: OLDS,
    try: (site) =>
      rolled(site, BLUE_GREEN, () => {
        site.world.images.withdraw(NEW)
        return undefined
      }),
  },
  {
    situation: 'a zone has no capacity',
    does: 'lets Auto Scaling launch in the others, and goes on',
    code: 'promoted',
    says: 'We currently do not have sufficient t3.micro capacity in the Availability Zone you requested …',
    leaves: 'promoted',
    images: NEWS,
    try: (site) =>
      rolled(site, blueGreen({ bake: '30s', failureLimit: 5 }), () => {
        site.world.machines.runShort(({ zone }) => (zone === 'a' ? 'no capacity' : undefined))
        return undefined
      }),
  },
  {
    situation: 'a quota is used up',
    does: 'waits, as for capacity, and rolls back at the progress deadline',
    code: 'rolled-back',
    says: 'no progress towards … for 16m; …: You have requested more vCPU capacity than your current vCPU limit of 32 allows …',
    leaves: 'as before',
    images: OLDS,
    try: (site) =>
      rolled(site, BLUE_GREEN, () => {
        site.account.launchRefusal =
          'You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket.'
        return undefined
      }),
  },
  {
    situation: 'credentials expire',
    does: 'asks on, calls a person after five minutes, and goes on once it is resumed',
    code: 'promoted',
    says: 'the fleet could not be looked at since …: AWS answered … with ExpiredToken: The security token included in the request is expired',
    leaves: 'promoted',
    images: NEWS,
    try: renewed,
  },
  {
    situation: 'somebody changes the weights of the listener',
    does: 'looks again, and sets them as they shall be',
    code: 'promoted',
    says: 'traffic.disturbed',
    leaves: 'promoted',
    images: NEWS,
    try: (site) => rolled(site, CANARY, () => undefined, giveAllTo(site, 'web')),
  },
  {
    situation: 'somebody deletes the old group once all traffic has moved',
    does: 'keeps the new one, takes the old target group away, and says that there is no way back',
    code: 'failed',
    says: 'web-v001 serves alone; the recorded release has no group any more',
    leaves: 'the new group serves, and nothing of the old one is left',
    images: NEWS,
    try: (site) =>
      rolled(
        site,
        blueGreen({ bake: '10m' }),
        () => undefined,
        () => site.owner.autoScaling.deleteAutoScalingGroup({ AutoScalingGroupName: 'web', ForceDelete: true }),
      ),
  },
  {
    situation: 'the answer to a change is lost',
    does: 'looks whether it was carried out before it asks again',
    code: 'promoted',
    says: 'AWS answered autoScaling.CreateAutoScalingGroup with TimeoutError: socket hang up',
    leaves: 'promoted',
    images: NEWS,
    try: (site) => rolled(site, BLUE_GREEN, () => loseAnswer(site, 'CreateAutoScalingGroup')),
  },
  {
    situation: "somebody cancels the instance refresh of a rollout by AWS's own",
    does: 'says so, and begins another',
    code: 'promoted',
    says: 'the instance refresh … of web, Cancelled',
    leaves: 'promoted',
    images: NEWS,
    try: (site) => refreshed(site, (name) => site.owner.autoScaling.cancelInstanceRefresh({ AutoScalingGroupName: name })),
  },
]

/** Rolls by an instance refresh that meets something once the first is replaced. */
async function refreshed(site: Site, meets: (group: string) => Promise<unknown>): Promise<Told> {
  const [listener = ''] = site.account.listeners.keys()
  const { web } = startProcess(site, { listener, groups: inPlace('web'), store: newStore(site) })
  const rollout = await web.start(await web.plan({ image: NEW, strategy: rolling({ by: 'native' }) }))
  const said = sayings(rollout)
  while (site.account.groups.get('web')!.refreshes.length < 2) await drive(site, rollout, 1)
  await meets('web')
  await drive(site, rollout)
  return await told(rollout, said, leftovers(site))
}

function refused(site: Site, adopt = 'web'): Promise<Told> {
  const [listener = ''] = site.account.listeners.keys()
  const cloud = aws(site.access)
  const system = worldSystem(site.world, 'planner', { user: 'ada' })
  const imago = createImago({ store: newStore(site), providers: { aws: cloud }, system })
  const web = imago.fleet('web', {
    provider: 'aws',
    groups: { ...CLONED, adopt } as never,
    traffic: alb(cloud, { listeners: [listener] }),
  })
  return planned(web.plan({ image: NEW, strategy: rolling() }))
}

/** Rolls with bad luck from its first turn on, or when the candidate has been made. */
async function rolled(
  site: Site,
  strategy: RolloutSpec['strategy'],
  luck: () => void,
  amid?: () => Promise<unknown>,
): Promise<Told> {
  const rollout = await start(site, strategy)
  const said = sayings(rollout)
  luck()
  const done: Promise<unknown>[] = []
  if (amid !== undefined) rollout.on('traffic.shifted', () => done.push(done[0] ?? amid()))
  await drive(site, rollout)
  await Promise.all(done)
  return await told(rollout, said, leftovers(site))
}

async function renewed(site: Site): Promise<Told> {
  const rollout = await start(site, BLUE_GREEN)
  const said = sayings(rollout)
  await drive(site, rollout, 4)
  site.account.expired = true
  await drive(site, rollout, 40)
  site.account.expired = false
  await rollout.resume({ by: 'ana' })
  await drive(site, rollout)
  return await told(rollout, said, leftovers(site))
}

async function start(site: Site, strategy: RolloutSpec['strategy']): Promise<Rollout> {
  const [listener = ''] = site.account.listeners.keys()
  const { web } = startProcess(site, { listener, groups: CLONED, store: newStore(site) })
  return await web.start(await web.plan({ image: NEW, strategy: strategy as never }))
}

function giveAllTo({ owner: { elb }, account }: Site, name: string) {
  return async () => {
    const [ListenerArn = ''] = account.listeners.keys()
    const groups = [...account.targetGroups.values()].map((one) => ({
      TargetGroupArn: one.arn,
      Weight: one.name === name ? 100 : 0,
    }))
    await elb.modifyListener({ ListenerArn, DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups: groups } }] })
  }
}

/** Of the next such call. */
function loseAnswer({ account }: Site, lost: string): void {
  account.fateOf = (_service, action) => {
    if (action !== lost) return undefined
    account.fateOf = () => undefined
    return UNHEARD
  }
}
