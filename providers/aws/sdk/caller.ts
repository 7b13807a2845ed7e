import { setImmediate as breath } from 'node:timers/promises'
import { letGo } from '../../../src/core/let-go.ts'
import type { AwsAccess } from './access.ts'
import type { Buckets } from './buckets.ts'
import { awsFailure } from './failures.ts'
import { loadService, type InputOf, type Operation, type OutputOf, type Service, type Services } from './services.ts'

/** Calls AWS. */
export interface Caller {
  /** One call, once: whether to repeat it is for others to say. @throws RolloutError `call-failed`, or `peer-missing`. */
  call<S extends Service, O extends Operation<S>>(
    service: S,
    operation: O,
    input: InputOf<S, O>,
    signal: AbortSignal,
    options?: { readonly reserved?: boolean },
  ): Promise<OutputOf<S, O>>
  /** Waits until such a call may be made; one that is made then is `reserved`. */
  reserve<S extends Service>(service: S, operation: Operation<S>, signal: AbortSignal): Promise<void>
}

interface Sender {
  send(command: unknown, options: { abortSignal: AbortSignal }): Promise<unknown>
}

/** Makes a caller; nothing is loaded or opened before the first call. */
export function createCaller(access: AwsAccess, buckets: Buckets): Caller {
  const clients = new Map<Service, Promise<{ package: Services[Service]; sender: Sender }>>()
  const opened = (service: Service) => {
    const known = clients.get(service) ?? open(service, access)
    clients.set(service, known)
    return known
  }
  return {
    reserve: (service, operation, signal) => buckets.take(service, operation, signal),
    async call(service, operation, input, signal, { reserved = false } = {}) {
      const name = `${service}.${operation}`
      if (signal.aborted) throw letGo(name)
      if (!reserved) await buckets.take(service, operation, signal)
      const { package: loaded, sender } = await opened(service)
      await dueTimers()
      if (signal.aborted) throw letGo(name)
      const Command = loaded[`${operation}Command` as keyof typeof loaded] as unknown as new (input: unknown) => unknown
      try {
        return (await sender.send(new Command(input), { abortSignal: signal })) as never
      } catch (error) {
        const failure = awsFailure(name, error)
        if (failure.facts.class === 'throttled') buckets.throttled(service, operation)
        throw failure
      }
    },
  }
}

/**
 * A process that stood still hears answers before its timers ring, the one that lets go of the change among them: what follows an answer
 * would be sent though everybody takes it for too late by then.
 */
async function dueTimers(): Promise<void> {
  await breath()
  await breath()
}

async function open(service: Service, access: AwsAccess): Promise<{ package: Services[Service]; sender: Sender }> {
  const loaded = await loadService(service)
  const given = access.clients?.[service]
  return { package: loaded, sender: given === undefined ? createClient(service, loaded, access) : (given as unknown as Sender) }
}

const CLIENTS: Readonly<Record<Service, string>> = {
  autoScaling: 'AutoScalingClient',
  cloudWatch: 'CloudWatchClient',
  ec2: 'EC2Client',
  elb: 'ElasticLoadBalancingV2Client',
  ssm: 'SSMClient',
}

/** The SDK's own repetitions are off: it would repeat what may have been applied, and hide throttling. */
function createClient(service: Service, loaded: Services[Service], access: AwsAccess): Sender {
  const { region, credentials, endpoint } = access
  const Client = loaded[CLIENTS[service] as keyof typeof loaded] as unknown as new (options: object) => Sender
  return new Client({
    region,
    maxAttempts: 1,
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoint === undefined ? {} : { endpoint }),
  })
}
