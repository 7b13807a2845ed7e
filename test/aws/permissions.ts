import { blueGreen, inPlace, rolling, slots, type EventType } from 'imago'
import { aws, iamPolicy, ssmParameter, type IamPolicy } from 'imago/aws'
import { faultOf, type Proof } from '../kit/permissions.ts'
import { addSlot, NEW, setUpFleet } from './fleet.ts'
import { giveParts } from './parts.ts'
import { CLONED, drive, leftovers, newStore, refusals, startProcess, type Job } from './rolling.ts'
import { createSite, type Site } from './site.ts'

/** The account and region of every site. */
export const ACCOUNT = { account: '123456789012', region: 'eu-west-1' }

/** All that imago/aws can need. */
export const WHOLE = iamPolicy({ ...ACCOUNT, features: ['groups', 'clone', 'refresh', 'alb', 'nlb', 'ssm'], roles: ['web-*'] })

/** What a policy is tried on. What AWS refused of it, or how else it did not end as it should. */
type Scenario = (site: Site) => Promise<string | undefined>

/** A rollout, and what the owner does before it and in the middle. */
interface Course extends Job {
  readonly amid?: { readonly at: EventType; readonly does: (site: Site) => Promise<unknown> }
}

const BLUE_GREEN = { strategy: blueGreen({ bake: '30s' }), groups: CLONED }
const NEVER_HEALTHY = { kind: 'never-healthy' } as const

/** What together needs everything that a policy allows. */
const scenarios: Readonly<Record<string, Scenario>> = {
  'blue/green of a group that has everything': rollout({ ...BLUE_GREEN, before: giveEverything }),
  'blue/green of it, rolled back': rollout({ ...BLUE_GREEN, before: giveEverything, behaviour: NEVER_HEALTHY }),
  'blue/green of a group that is named by a rule': rollout({ ...BLUE_GREEN, before: giveRule }),
  'blue/green of a group that its owner takes out of its target group': rollout({
    ...BLUE_GREEN,
    amid: { at: 'generation.created', does: detach },
  }),
  'rolling in place': rollout({ strategy: rolling({ maxSurge: 1 }), groups: inPlace('web') }),
  'rolling in place behind a network load balancer': rollout({
    strategy: rolling({ maxSurge: 1 }),
    groups: inPlace('web'),
    balancer: 'net',
  }),
  'blue/green from one slot to the other': rollout({ ...BLUE_GREEN, groups: slots('web', 'web-b'), before: addSlot }),
  'blue/green from one slot to the other, rolled back': rollout({
    ...BLUE_GREEN,
    groups: slots('web', 'web-b'),
    before: addSlot,
    behaviour: NEVER_HEALTHY,
  }),
  'rolling by an instance refresh': rollout({ strategy: rolling({ by: 'native' }), groups: inPlace('web') }),
  'replacing an instance': replacement,
}

function rollout({ strategy, groups, behaviour = { kind: 'good' }, balancer = 'app', before, amid }: Course): Scenario {
  return async (site) => {
    const { listener } = await setUpFleet(site, { launch: { IamInstanceProfile: { Name: 'web-instances' } }, balancer })
    await before?.(site)
    site.publish(NEW, behaviour)
    const { web } = startProcess(site, { listener, groups, store: newStore(site) })
    const started = await web.start(await web.plan({ image: ssmParameter('/images/web'), strategy: strategy as never }))
    const refused = refusals(started)
    const done: Promise<unknown>[] = []
    if (amid !== undefined) started.on(amid.at, () => done.push(done[0] ?? amid.does(site)))
    await drive(site, started)
    await Promise.all(done)
    const { outcome, reason } = await started.report()
    if (refused.length > 0 || outcome !== (behaviour.kind === 'good' ? 'promoted' : 'rolled-back'))
      return [outcome, reason, ...refused].join('; ')
    return leftovers(site, groups.kind === 'slots' ? 1 : 0).find((one) => !one.includes('ReplaceUnhealthy'))
  }
}

/** A size that stays is no reason for Auto Scaling to end anybody: the instance is ended by its name. */
async function replacement(site: Site): Promise<string | undefined> {
  await setUpFleet(site)
  const { access, account, world } = site
  const [victim = ''] = account.groups.get('web')!.members
  const provider = aws(access)
  const target = { name: 'web', placement: CLONED, handles: [] }
  const context = { signal: AbortSignal.timeout(10_000), token: 'a token' }
  const { groups } = await provider.describe(target, context)
  const claim = { kind: 'claim', owner: 'web#1', epoch: 1, expiresAt: world.now + 60_000, store: 'store' } as const
  await provider.hold(target, 'web', claim, undefined, context)
  await provider.remove(target, 'web', [victim], { [groups[0]!.release]: 3 }, context)
  return undefined
}

async function giveEverything(site: Site): Promise<void> {
  await giveParts(site)
  await site.owner.autoScaling.putLifecycleHook({
    AutoScalingGroupName: 'web',
    LifecycleHookName: 'told',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    NotificationTargetARN: 'arn:aws:sqs:eu-west-1:123456789012:told',
    RoleARN: 'arn:aws:iam::123456789012:role/web-hooks',
    HeartbeatTimeout: 30,
  })
}

/** A second rule, beside the listener's default one. */
async function giveRule({ owner: { elb }, account }: Site): Promise<void> {
  const [ListenerArn, TargetGroupArn] = [[...account.listeners.keys()][0]!, [...account.targetGroups.keys()][0]!]
  const Conditions = [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } }]
  await elb.createRule({ ListenerArn, Priority: 10, Conditions, Actions: [{ Type: 'forward', TargetGroupArn }] })
}

async function detach({ owner: { autoScaling }, account }: Site): Promise<void> {
  const TargetGroupARNs = [[...account.targetGroups.values()].find((one) => one.name === 'web-v001')!.arn]
  await autoScaling.detachLoadBalancerTargetGroups({ AutoScalingGroupName: 'web-v001', TargetGroupARNs })
}

/** Every action that a policy allows. */
export function actionsOf({ Statement: statements }: IamPolicy): string[] {
  return [...new Set(statements.flatMap((one) => one.Action))]
}

/** Each scenario gets through with the whole policy, and what needs an action stumbles over it where it is missing. */
export const proof: Proof<IamPolicy> = {
  scenarios: Object.keys(scenarios),
  exactly: () => WHOLE,
  without: (policy, action) => {
    const statements = policy.Statement.map((one) => ({ ...one, Action: one.Action.filter((other) => other !== action) }))
    return { ...policy, Statement: statements }
  },
  async play(name, policy) {
    const site = await createSite()
    const { account } = site
    account.parameters.set('/images/web', NEW)
    const fault = await faultOf(async () => {
      account.policy = policy
      return await scenarios[name]!(site)
    })
    return { fault, asked: account.asked }
  },
  says: (action) => action,
}
