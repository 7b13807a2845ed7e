import type * as autoScaling from '@aws-sdk/client-auto-scaling'
import type * as cloudWatch from '@aws-sdk/client-cloudwatch'
import type * as ec2 from '@aws-sdk/client-ec2'
import type * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import type * as ssm from '@aws-sdk/client-ssm'
import { missingPeer } from '../../../src/core/errors.ts'

/** AWS's client packages that are used, by the service that they speak to. */
export interface Services {
  readonly autoScaling: typeof autoScaling
  readonly cloudWatch: typeof cloudWatch
  readonly ec2: typeof ec2
  readonly elb: typeof elb
  readonly ssm: typeof ssm
}

/** A service of AWS. */
export type Service = keyof Services

/** Operations of a service: what its package has a command for. */
export type Operation<S extends Service> = {
  [Name in keyof Services[S]]: Name extends `${infer Base}Command` ? Base : never
}[keyof Services[S]]

type Command<S extends Service, O extends Operation<S>> = Services[S][`${O}Command` & keyof Services[S]]

/** What an operation is asked with. */
export type InputOf<S extends Service, O extends Operation<S>> =
  Command<S, O> extends new (...args: never[]) => { readonly input: infer Input } ? Input : never

/** What an operation answers. */
export type OutputOf<S extends Service, O extends Operation<S>> =
  Command<S, O> extends new (...args: never[]) => {
    resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ output: infer Output }>
  }
    ? Output
    : never

/** Each package is some 20 to 40 MB and takes 80 to 280 ms to import: only what is asked for is loaded, when it is. */
const packages: { readonly [S in Service]: { readonly name: string; load(): Promise<Services[S]> } } = {
  autoScaling: { name: '@aws-sdk/client-auto-scaling', load: () => import('@aws-sdk/client-auto-scaling') },
  cloudWatch: { name: '@aws-sdk/client-cloudwatch', load: () => import('@aws-sdk/client-cloudwatch') },
  ec2: { name: '@aws-sdk/client-ec2', load: () => import('@aws-sdk/client-ec2') },
  elb: {
    name: '@aws-sdk/client-elastic-load-balancing-v2',
    load: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  },
  ssm: { name: '@aws-sdk/client-ssm', load: () => import('@aws-sdk/client-ssm') },
}

/** Loads the package of a service. @throws RolloutError `peer-missing` when it is not installed. */
export async function loadService<S extends Service>(service: S): Promise<Services[S]> {
  const { name, load } = packages[service]
  return await load().catch(missingPeer(name, 'imago/aws'))
}
