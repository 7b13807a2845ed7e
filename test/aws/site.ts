import { AutoScaling, AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import { EC2, EC2Client } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { SSMClient } from '@aws-sdk/client-ssm'
import type { AwsAccess } from 'imago/aws'
import { createWorld, type ImageBehaviour, type World } from 'imago/testing'
import { expect, onTestFinished, test } from 'vitest'
import { faultsOf, unchecked } from './model.ts'
import { createAccount, type Account } from './wire/account.ts'
import { serve } from './wire/server.ts'

export const REGION = 'eu-west-1'

/** AWS on a port, a world behind it, and its owner's own clients. */
export interface Site {
  readonly world: World
  readonly account: Account
  /** For `imago/aws`: clients whose every request and answer is checked against AWS's own description. */
  readonly access: AwsAccess
  readonly owner: { readonly autoScaling: AutoScaling; readonly ec2: EC2; readonly elb: ElasticLoadBalancingV2 }
  close(): Promise<void>
  /** Registers an image. */
  publish(id: string, behaviour?: ImageBehaviour, more?: { readonly architecture?: string; readonly state?: string }): void
}

/** A site of its own for one test, and gone with it; one that is `standing` goes when it is closed. */
export async function createSite({ standing = false } = {}): Promise<Site> {
  const world = createWorld({ seed: 1, bootMs: [40_000, 40_000] })
  const account = createAccount(world, { region: REGION })
  const server = await serve(account)
  const options = {
    region: REGION,
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret of nobody' },
    maxAttempts: 1,
  }
  const clients = {
    autoScaling: checked(new AutoScalingClient(options)),
    ec2: checked(new EC2Client(options)),
    elb: checked(new ElasticLoadBalancingV2Client(options)),
    ssm: checked(new SSMClient(options)),
  }
  const owner = {
    autoScaling: checked(new AutoScaling(options)),
    ec2: checked(new EC2(options)),
    elb: checked(new ElasticLoadBalancingV2(options)),
  }
  const close = async () => {
    for (const client of [...Object.values(clients), ...Object.values(owner)]) client.destroy()
    await server.close()
  }
  if (!standing) onTestFinished(close)
  return {
    world,
    account,
    access: { region: REGION, clients },
    owner,
    close,
    publish(id, behaviour = { kind: 'good' }, more = {}) {
      world.images.publish(id, behaviour)
      account.images.set(id, {
        id,
        name: `web ${id}`,
        architecture: 'x86_64',
        state: 'available',
        createdAt: world.now,
        owner: 'self',
        ...more,
      })
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
  const { middlewareStack, config } = client as Checkable
  middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args: { input: object }) => {
        const operation = commandName.replace(/Command$/, '')
        seen.calls++
        seen.faults.push(...faultsOf(config.serviceId, operation, 'input', args.input))
        const result = await next(args)
        seen.faults.push(...faultsOf(config.serviceId, operation, 'output', result.output))
        return result
      },
    { step: 'initialize', name: 'checkedAgainstTheModel' },
  )
  return client
}
