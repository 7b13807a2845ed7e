import { alb, aws, newestAmi, nlb, type IamStatement } from 'imago/aws'
import type { FleetContractOptions, FleetWanted, RoutedSite } from 'imago/testing'
import { addSlot, NEW, OLD, previewRule, setUpFleet } from './fleet.ts'
import { createSite, type Site } from './site.ts'
import { UNHEARD } from '../kit/wire/fate.ts'
import { isRead } from './wire/reads.ts'

export const [MUTE, MORTAL] = ['ami-0000000000000000c', 'ami-0000000000000000d']

/** A fleet of its own on a server of its own. */
interface WireSite extends RoutedSite {
  readonly wire: Site
}

/** What the suites for providers and routers are told about AWS, behind one kind of load balancer or the other. */
export const wire = (balancer: Balancer): FleetContractOptions<WireSite> => ({
  images: {
    stable: OLD,
    other: NEW,
    missing: 'ami-0123456789abcdef0',
    malformed: 'ami-latest',
    alias: { name: newestAmi({ owner: 'self', name: `web ${NEW}` }), image: NEW },
    unhealthy: MUTE,
    crashing: MORTAL,
  },
  patienceMs: 600_000,
  create: (wanted) => create(wanted, balancer),
  async createLossy(wanted, landing) {
    // A group is made by one call, with its size and its route in it: no part of it can be missing.
    if (landing === 'in part') return undefined
    const site = await create(wanted, balancer)
    const { account } = site.wire
    account.fateOf = (_service, action) => (isRead(action) ? undefined : UNHEARD)
    return { ...site, recover: () => void (account.fateOf = () => undefined) }
  },
})

type Balancer = 'app' | 'app with a preview' | 'net'

async function create(wanted: FleetWanted, balancer: Balancer): Promise<WireSite> {
  const site = await createSite({ standing: true })
  // The suites call what they like, and claim nothing first: whatever is conditional on a mark would be denied.
  site.account.policy = { ...site.account.policy, Statement: site.account.policy.Statement.map(unconditional) }
  const kind = balancer === 'net' ? 'net' : 'app'
  const { listener } = await setUpFleet(site, { ...wanted, balancer: kind })
  if (wanted.slots) await addSlot(site, kind)
  site.publish(MUTE, { kind: 'never-healthy' })
  site.publish(MORTAL, { kind: 'boot-loop' })
  const cloud = aws(site.access)
  const preview =
    balancer === 'app with a preview' ? { preview: { rule: await previewRule(site, listener), url: 'http://preview' } } : {}
  const router = (listeners: string[]) => (balancer === 'net' ? nlb(cloud, { listeners }) : alb(cloud, { listeners, ...preview }))
  return {
    wire: site,
    provider: cloud,
    router: router([listener]),
    nowhere: router([`${listener}0`]),
    binding: 'web',
    group: 'web',
    ...(wanted.slots ? { spare: 'web-b' } : {}),
    launch: { InstanceType: 't3.small' },
    time: {
      now: () => site.world.now,
      // No look is taken more often than once a second.
      pass: (ms) => Promise.resolve(site.world.runUntil(site.world.now + Math.max(ms, 1_000))),
      settled: (promise) => promise,
    },
    dispose: () => site.close(),
  }
}

function unconditional({ Condition: _condition, ...statement }: IamStatement): IamStatement {
  return statement
}
