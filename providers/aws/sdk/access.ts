import * as v from 'valibot'
import { problemsError } from '../../../src/core/errors.ts'
import { check, having, text, urlText } from '../../../src/core/schema.ts'
import type { AwsClock } from './clock.ts'

/** What the name of a region looks like. */
export const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/

/** A client that a program made itself, of one of AWS's packages. */
export interface AwsClient {
  // The packages' own types are not named here, so that they need not be installed to compile.
  send(command: never, options?: never): Promise<unknown>
}

/** Clients by the service that they speak to. */
export interface AwsClients {
  readonly autoScaling?: AwsClient
  readonly cloudWatch?: AwsClient
  readonly ec2?: AwsClient
  readonly elb?: AwsClient
  readonly ssm?: AwsClient
}

/** Where and as whom AWS is called. */
export interface AwsAccess {
  readonly region: string
  /** Credentials, or what gives them afresh. @default - those that the SDK finds by itself */
  readonly credentials?: unknown
  /** Another address of every service. @default - AWS's own */
  readonly endpoint?: string
  /** Clients to use instead of making them. @default - made when first needed */
  readonly clients?: AwsClients
  /** Whether marks have run out, and when the next call may be made. @default - this machine's clock */
  readonly clock?: AwsClock
}

const client = v.exactOptional(having<AwsClient>("a client of one of AWS's packages", 'send'))
const schema = v.strictObject({
  region: text(REGION, "a region, such as 'eu-west-1'"),
  credentials: v.optional(v.unknown()),
  endpoint: v.exactOptional(urlText),
  clients: v.exactOptional(v.strictObject({ autoScaling: client, cloudWatch: client, ec2: client, elb: client, ssm: client })),
  clock: v.exactOptional(having<AwsClock>('a clock: { now, sleep }', 'now', 'sleep')),
})

/** @throws RolloutError `spec-invalid` with every problem; credentials are not repeated in it. */
export function checkAccess(access: AwsAccess): void {
  const { problems } = check(schema, access, 'access')
  if (problems.length > 0) throw problemsError('spec-invalid', 'AWS cannot be reached like this', problems)
}
