import { arn as arnOf, type Account, type InstanceRecord, type RuleRecord, type TargetGroupRecord } from '../account.ts'
import { Fault } from '../fault.ts'
import { parts, part, text, texts, whole, type Input } from '../protocol/query.ts'
import type { Output } from '../protocol/xml.ts'
import { delayMs, isUsed } from '../autoscaling/terminate.ts'
import { carry } from './traffic.ts'

type Operation = (account: Account, input: Input) => Output

/** Elastic Load Balancing v2, by the names of its operations. */
export const elb: Readonly<Record<string, Operation>> = {
  CreateTargetGroup(account, input) {
    const name = text(input, 'Name') ?? ''
    if (name.length > 32) throw new Fault('ValidationError', `Target group name '${name}' cannot be longer than '32' characters`)
    const same = [...account.targetGroups.values()].find((one) => one.name === name)
    if (same !== undefined) return { TargetGroups: [targetGroupOutput(same)] }
    const resource = `targetgroup/${name}/${account.newId('tg').slice(3, 19)}`
    const made: TargetGroupRecord = {
      arn: arnOf(account, 'elasticloadbalancing', resource),
      name,
      port: whole(input, 'Port') ?? 80,
      attributes: new Map([['deregistration_delay.timeout_seconds', '300']]),
      deregistered: new Map(),
      tags: new Map(),
    }
    writeTags(made.tags, input)
    account.targetGroups.set(made.arn, made)
    return { TargetGroups: [targetGroupOutput(made)] }
  },

  CreateListener(account, input) {
    const balancer = text(input, 'LoadBalancerArn') ?? ''
    const listener = `${balancer.replace(':loadbalancer/', ':listener/')}/${account.newId('l').slice(2, 18)}`
    account.listeners.set(listener, new Map())
    addRule(account, {
      listener,
      isDefault: true,
      priority: 'default',
      conditions: [],
      actions: parts(input, 'DefaultActions') ?? [],
    })
    return {
      Listeners: [
        { ListenerArn: listener, LoadBalancerArn: balancer, Port: whole(input, 'Port'), Protocol: text(input, 'Protocol') },
      ],
    }
  },

  CreateRule(account, input) {
    const listener = text(input, 'ListenerArn') ?? ''
    if (!account.listeners.has(listener)) throw new Fault('ListenerNotFound', 'One or more listeners not found')
    const [priority, actions] = [text(input, 'Priority') ?? '', parts(input, 'Actions') ?? []]
    const conditions = parts(input, 'Conditions') ?? []
    return { Rules: [ruleOutput(addRule(account, { listener, isDefault: false, priority, conditions, actions }))] }
  },

  DescribeListeners(account, input) {
    const wanted = texts(input, 'ListenerArns') ?? []
    const found = wanted.map((listener) => [...account.rules.values()].find((one) => one.listener === listener && one.isDefault))
    if (found.includes(undefined)) throw new Fault('ListenerNotFound', 'One or more listeners not found')
    return { Listeners: found.flatMap((rule) => (rule === undefined ? [] : [listenerOutput(rule)])) }
  },

  DescribeRules(account, input) {
    const listener = text(input, 'ListenerArn') ?? ''
    if (listener.includes(':listener/net/'))
      throw new Fault('UnsupportedFeature', 'Rules are supported for Application Load Balancers only')
    const rules = [...account.rules.values()].filter((one) => one.listener === listener)
    if (rules.length === 0) throw new Fault('ListenerNotFound', `One or more listeners not found`)
    return { Rules: rules.map(ruleOutput) }
  },

  DescribeTargetGroups(account, input) {
    const [arns, names] = [texts(input, 'TargetGroupArns'), texts(input, 'Names')]
    const found = [...account.targetGroups.values()].filter(
      (one) => (arns === undefined || arns.includes(one.arn)) && (names === undefined || names.includes(one.name)),
    )
    if (found.length < (arns?.length ?? names?.length ?? 0))
      throw new Fault('TargetGroupNotFound', 'One or more target groups not found')
    return { TargetGroups: found.map(targetGroupOutput) }
  },

  DescribeTargetHealth(account, input) {
    const group = targetGroupIn(account, input)
    const routed = isUsed(account, group)
    return {
      TargetHealthDescriptions: targetsOf(account, group).map((one) => ({
        Target: { Id: one.id, Port: group.port },
        HealthCheckPort: String(group.port),
        TargetHealth: group.deregistered.has(one.id) ? DRAINING : healthOf(account, one.id, routed),
      })),
    }
  },

  AddTags(account, input) {
    for (const arn of texts(input, 'ResourceArns') ?? []) writeTags(tagsOf(account, arn), input)
    return {}
  },

  RemoveTags(account, input) {
    for (const arn of texts(input, 'ResourceArns') ?? [])
      for (const key of texts(input, 'TagKeys') ?? []) tagsOf(account, arn).delete(key)
    return {}
  },

  DescribeTags(account, input) {
    const arns = texts(input, 'ResourceArns') ?? []
    if (arns.length > 20) throw new Fault('ValidationError', 'Up to 20 resources can be described at once')
    return {
      TagDescriptions: arns.map((arn) => ({
        ResourceArn: arn,
        Tags: [...tagsOf(account, arn)].map(([key, value]) => ({ Key: key, Value: value })),
      })),
    }
  },

  DescribeTargetGroupAttributes(account, input) {
    return { Attributes: attributesOutput(targetGroupIn(account, input)) }
  },

  ModifyTargetGroupAttributes(account, input) {
    const group = targetGroupIn(account, input)
    for (const one of parts(input, 'Attributes') ?? []) group.attributes.set(text(one, 'Key') ?? '', text(one, 'Value') ?? '')
    return { Attributes: attributesOutput(group) }
  },

  DeregisterTargets(account, input) {
    const group = targetGroupIn(account, input)
    const drainedAt = account.world.now + delayMs(group)
    for (const one of parts(input, 'Targets') ?? []) group.deregistered.set(text(one, 'Id') ?? '', drainedAt)
    carry(account)
    return {}
  },

  DeleteTargetGroup(account, input) {
    const group = targetGroupIn(account, input)
    if (isUsed(account, group))
      throw new Fault('ResourceInUse', `Target group '${group.arn}' is currently in use by a listener or a rule`)
    account.targetGroups.delete(group.arn)
    return {}
  },

  ModifyListener(account, input) {
    const listener = text(input, 'ListenerArn') ?? ''
    const rule = [...account.rules.values()].find((one) => one.listener === listener && one.isDefault)
    if (rule === undefined) throw new Fault('ListenerNotFound', 'One or more listeners not found')
    writeActions(account, rule, parts(input, 'DefaultActions') ?? [])
    return { Listeners: [{ ListenerArn: listener }] }
  },

  ModifyRule(account, input) {
    const rule = account.rules.get(text(input, 'RuleArn') ?? '')
    if (rule === undefined) throw new Fault('RuleNotFound', 'One or more rules not found')
    writeActions(account, rule, parts(input, 'Actions') ?? [])
    return { Rules: [ruleOutput(rule)] }
  },
}

function healthOf(account: Account, machine: string, routed: boolean): Output {
  if (!routed)
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    }
  switch (account.world.machines.find(machine)?.state) {
    case 'healthy':
      return { State: 'healthy' }
    case 'booting':
      return { State: 'initial', Reason: 'Elb.InitialHealthChecking', Description: 'Initial health checks in progress' }
    default:
      return { State: 'unhealthy', Reason: 'Target.FailedHealthChecks', Description: 'Health checks failed' }
  }
}

const DRAINING = {
  State: 'draining',
  Reason: 'Target.DeregistrationInProgress',
  Description: 'Target deregistration is in progress',
}

/** Instances of the groups that register with a target group; one that was deregistered, also as it ends or its group is detached, is a target until it is drained. */
function targetsOf({ groups, instances, world }: Account, { arn, deregistered }: TargetGroupRecord): InstanceRecord[] {
  const isRegistered = (one: InstanceRecord) =>
    one.lifecycle === 'InService' && groups.get(one.group)?.targetGroups.has(arn) === true
  return [...instances.values()].filter((one) => (deregistered.get(one.id) ?? (isRegistered(one) ? Infinity : 0)) > world.now)
}

function targetGroupIn(account: Account, input: Input): TargetGroupRecord {
  const group = account.targetGroups.get(text(input, 'TargetGroupArn') ?? '')
  if (group === undefined) throw new Fault('TargetGroupNotFound', 'One or more target groups not found')
  return group
}

function tagsOf(account: Account, arn: string): Map<string, string> {
  const tags = account.targetGroups.get(arn)?.tags ?? account.listeners.get(arn)
  if (tags !== undefined) return tags
  if (arn.includes(':listener/')) throw new Fault('ListenerNotFound', 'One or more listeners not found')
  throw new Fault('TargetGroupNotFound', 'One or more target groups not found')
}

/** A resource has at most 50 tags. */
function writeTags(tags: Map<string, string>, input: Input): void {
  for (const tag of parts(input, 'Tags') ?? []) {
    const key = text(tag, 'Key') ?? ''
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key)) throw new Fault('ValidationError', `Invalid tag key: ${key}`)
    tags.set(key, text(tag, 'Value') ?? '')
  }
  if (tags.size > 50) throw new Fault('TooManyTags', 'A resource has at most 50 tags')
}

function attributesOutput({ attributes }: TargetGroupRecord): Output[] {
  return [...attributes].map(([key, value]) => ({ Key: key, Value: value }))
}

/** Weights are whole numbers from 0 to 999, for at most five target groups that are there. */
function writeActions(account: Account, rule: RuleRecord, actions: readonly Input[]): void {
  const forwards = actions.flatMap(forwardsOf)
  if (forwards.length > 5) throw new Fault('TooManyTargetGroups', 'A forward action has at most 5 target groups')
  for (const { arn: group, weight } of forwards) {
    if (!account.targetGroups.has(group)) throw new Fault('TargetGroupNotFound', 'One or more target groups not found')
    if (!Number.isInteger(weight) || weight < 0 || weight > 999)
      throw new Fault('ValidationError', `The weight ${weight} must be between 0 and 999`)
  }
  rule.forwards = forwards
  carry(account)
}

function addRule(
  account: Account,
  { actions, ...settings }: Omit<RuleRecord, 'arn' | 'forwards'> & { actions: Input[] },
): RuleRecord {
  const arn = `${settings.listener.replace(':listener/', ':listener-rule/')}/${account.newId('r').slice(2, 18)}`
  const rule = { ...settings, arn, forwards: actions.flatMap(forwardsOf) }
  account.rules.set(arn, rule)
  return rule
}

function forwardsOf(action: Input): RuleRecord['forwards'] {
  const only = text(action, 'TargetGroupArn')
  const groups = parts(part(action, 'ForwardConfig') ?? {}, 'TargetGroups')
  if (groups === undefined) return only === undefined ? [] : [{ arn: only, weight: 1 }]
  return groups.map((one) => ({ arn: text(one, 'TargetGroupArn') ?? '', weight: whole(one, 'Weight') ?? 1 }))
}

function ruleOutput(rule: RuleRecord): Output {
  const [only, ...more] = rule.forwards
  return {
    RuleArn: rule.arn,
    Priority: rule.priority,
    Conditions: rule.conditions as Output[],
    Actions: [
      {
        Type: 'forward',
        TargetGroupArn: more.length === 0 ? only?.arn : undefined,
        Order: 1,
        ForwardConfig: {
          TargetGroups: rule.forwards.map((one) => ({ TargetGroupArn: one.arn, Weight: one.weight })),
          TargetGroupStickinessConfig: { Enabled: false },
        },
      },
    ],
    IsDefault: rule.isDefault,
  }
}

function listenerOutput(rule: RuleRecord): Output {
  const { listener } = rule
  const balancer = listener.replace(':listener/', ':loadbalancer/').replace(/\/[^/]+$/, '')
  return { ListenerArn: listener, LoadBalancerArn: balancer, DefaultActions: ruleOutput(rule)['Actions'] }
}

function targetGroupOutput({ arn: id, name, port }: TargetGroupRecord): Output {
  return {
    TargetGroupArn: id,
    TargetGroupName: name,
    Protocol: 'HTTP',
    Port: port,
    VpcId: 'vpc-1',
    HealthCheckProtocol: 'HTTP',
    HealthCheckPort: 'traffic-port',
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: 30,
    HealthCheckTimeoutSeconds: 5,
    HealthyThresholdCount: 5,
    UnhealthyThresholdCount: 2,
    HealthCheckPath: '/',
    Matcher: { HttpCode: '200' },
    LoadBalancerArns: [],
    TargetType: 'instance',
    ProtocolVersion: 'HTTP1',
    IpAddressType: 'ipv4',
  }
}
