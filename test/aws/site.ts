import { AutoScaling, AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import { CloudWatch, CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { EC2, EC2Client } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { SSMClient } from '@aws-sdk/client-ssm'
import type { AwsAccess, AwsClients } from 'imago/aws'
import { createWorld, drive, type ImageBehaviour, type Life, type World } from 'imago/testing'
import { expect, onTestFinished, test } from 'vitest'
import { callsInFlight } from '../kit/wire/in-flight.ts'
import { faultsOf, unchecked } from './model.ts'
import { createAccount, imageRecord, type Account } from './wire/account.ts'
import { MADE_FOR, OWNERS_KEY, serve } from './wire/server.ts'

export const REGION = 'eu-west-1'

/** AWS on a port, a world behind it, and its owner's own clients. */
export interface Site {
  readonly world: World
  readonly account: Account
  readonly endpoint: string
  /** For `imago/aws`, which waits for no tokens here, for no time passes while a call is made: clients whose every request and answer is checked against AWS's own description. */
  readonly access: AwsAccess
  /** Clients of their own for one process, each call of which is made as that process. @param purpose says what a call is made for. */
  clientsOf(life: Life, purpose?: () => string | undefined): AwsClients
  /** Lets time pass until a promise has settled; while a call is on the wire it stands. */
  drive<T>(promise: Promise<T>, untilAt?: number): Promise<T>
  readonly owner: {
    readonly autoScaling: AutoScaling
    readonly cloudWatch: CloudWatch
    readonly ec2: EC2
    readonly elb: ElasticLoadBalancingV2
  }
  close(): Promise<void>
  /** Registers an image. */
  publish(id: string, behaviour?: ImageBehaviour, more?: { readonly architecture?: string; readonly state?: string }): void
}

export interface SiteOptions {
  readonly standing?: boolean
  /** When its world begins, where something outside looks at a clock of its own. */
  readonly beginsAt?: number
  readonly bootMs?: number
  /** @default - one of its own */
  readonly world?: World
}

/** A site of its own for one test, and gone with it; one that is `standing` goes when it is closed. */
export async function createSite({
  standing = false,
  bootMs = 40_000,
  world: given,
  ...begins
}: SiteOptions = {}): Promise<Site> {
  const world = given ?? createWorld({ seed: 1, bootMs: [bootMs, bootMs], ...begins })
  const account = createAccount(world, { region: REGION })
  const server = await serve(account)
  const options = {
    region: REGION,
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret of nobody' },
    maxAttempts: 1,
  }
  const owns = { ...options, credentials: { accessKeyId: OWNERS_KEY, secretAccessKey: "the owner's secret" } }
  const owner = {
    autoScaling: checked(new AutoScaling(owns)),
    cloudWatch: checked(new CloudWatch(owns)),
    ec2: checked(new EC2(owns)),
    elb: checked(new ElasticLoadBalancingV2(owns)),
  }
  const opened: { destroy(): void }[] = Object.values(owner)
  const inFlight = callsInFlight(account.held)
  const open = () => {
    const clients = {
      autoScaling: checked(new AutoScalingClient(options)),
      cloudWatch: checked(new CloudWatchClient(options)),
      ec2: checked(new EC2Client(options)),
      elb: checked(new ElasticLoadBalancingV2Client(options)),
      ssm: checked(new SSMClient(options)),
    }
    opened.push(...Object.values(clients))
    return clients
  }
  const close = async () => {
    for (const client of opened) client.destroy()
    await server.close()
  }
  const clientsOf = (life: Life, purpose?: () => string | undefined) => {
    const clients = open()
    if (purpose !== undefined) for (const client of Object.values(clients)) say(client, purpose)
    for (const client of Object.values(clients))
      around(client, (command, send) => life.around(command, () => inFlight.during(send)))
    return clients
  }
  if (!standing) onTestFinished(close)
  return {
    world,
    account,
    endpoint: server.endpoint,
    access: { region: REGION, clients: open(), clock: { now: () => world.now, sleep: async () => undefined } },
    clientsOf,
    drive: (promise, untilAt) => drive(world, promise, untilAt, inFlight.silence),
    owner,
    close,
    publish(id, behaviour = { kind: 'good' }, more = {}) {
      world.images.publish(id, behaviour)
      account.images.set(id, { ...imageRecord(id, world.now), ...more })
    },
  }
}

interface Checkable {
  readonly config: { readonly serviceId: string }
  readonly middlewareStack: {
    add(
      middleware: (next: (args: { input: object }) => Promise<{ output: object }>, context: { commandName?: string }) => unknown,
      options: object,
    ): void
  }
}

const seen = { calls: 0, faults: [] as string[] }

/** The last test of a file that uses sites: whatever went over their wires was as AWS describes it. */
export function testTheWire(): void {
  test('every request and every answer was as AWS describes it', (context) => {
    if (unchecked !== undefined) return context.skip(unchecked)
    expect(seen.calls).toBeGreaterThan(0)
    expect(seen.faults).toEqual([])
  })
}

/** Has every request checked before it is written, and every answer after it was read. */
function checked<Client>(client: Client): Client {
  if (unchecked !== undefined) return client
  const { serviceId } = (client as Checkable).config
  around(client, async (command, send, input) => {
    const operation = command.replace(/Command$/, '')
    seen.calls++
    seen.faults.push(...faultsOf(serviceId, operation, 'input', input))
    const result = await send()
    seen.faults.push(...faultsOf(serviceId, operation, 'output', result.output))
    return result
  })
  return client
}

/** Has every call carry what it is made for. */
function say(client: unknown, purpose: () => string | undefined): void {
  ;(client as Requesting).middlewareStack.add(
    (next) => (args) => {
      const madeFor = purpose()
      if (madeFor !== undefined) args.request.headers[MADE_FOR] = madeFor
      return next(args)
    },
    { step: 'build' },
  )
}

interface Requesting {
  readonly middlewareStack: {
    add(middleware: (next: (args: Request) => unknown) => (args: Request) => unknown, options: object): void
  }
}
type Request = { readonly request: { readonly headers: Record<string, string> } }

type Sent = { output: object }

/** Has something done around every call of a client, outside of what was put around it before. */
function around(client: unknown, body: (command: string, send: () => Promise<Sent>, input: object) => Promise<Sent>): void {
  ;(client as Checkable).middlewareStack.add(
    (next, { commandName = '' }) =>
      (args: { input: object }) =>
        body(commandName, () => next(args), args.input),
    { step: 'initialize', priority: 'high' },
  )
}
