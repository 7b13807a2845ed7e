import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { classOf } from '../../providers/aws/fleet/causes.ts'
import { awsFailure } from '../../providers/aws/sdk/failures.ts'
import { root } from '../../tools/subpaths.ts'
import { errorsOf, unchecked } from './model.ts'

const SERVICES = {
  autoScaling: 'Auto Scaling',
  cloudWatch: 'CloudWatch',
  ec2: 'EC2',
  elb: 'Elastic Load Balancing v2',
  ssm: 'SSM',
} as const

/** Every operation that the adapter calls, by service. */
function called(): [keyof typeof SERVICES, string][] {
  const folder = join(root, 'providers/aws')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const text = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
  const found = [...text.matchAll(/\.call\(\s*'(\w+)',\s*'(\w+)'/g)].map(([, service, name]) => `${service}.${name}`)
  return [...new Set(found)].map((one) => one.split('.') as [keyof typeof SERVICES, string])
}

test('every error that AWS declares for what is called has a class, or is a request that AWS will never accept', (context) => {
  if (unchecked !== undefined) return context.skip(unchecked)
  const operations = called()
  expect(operations.length).toBeGreaterThan(40)
  const invalid = new Set<string>()
  for (const [service, operation] of operations)
    for (const { name, code, status } of errorsOf(SERVICES[service], operation)) {
      const failure = awsFailure('call', { name, Code: code, message: '', $metadata: { httpStatusCode: status } })
      if (failure.facts.class === 'invalid') invalid.add(name)
    }
  expect([...invalid].toSorted()).toMatchInlineSnapshot(`
    [
      "ALPNPolicyNotSupportedException",
      "CertificateNotFoundException",
      "DuplicateListenerException",
      "DuplicateTagKeysException",
      "IncompatibleProtocolsException",
      "InvalidConfigurationRequestException",
      "InvalidKeyId",
      "InvalidLoadBalancerActionException",
      "InvalidNextToken",
      "InvalidParameterValueException",
      "InvalidTargetException",
      "OperationNotPermittedException",
      "SSLPolicyNotFoundException",
      "TooManyActionsException",
      "TooManyCertificatesException",
      "TrustStoreNotFoundException",
      "TrustStoreNotReadyException",
      "UnsupportedProtocolException",
    ]
  `)
})

test.for([
  ['throttled', { name: 'Throttling' }],
  ['throttled', { name: 'Error', Code: 'RequestLimitExceeded' }],
  ['denied', { name: 'ExpiredTokenException' }],
  ['denied', { name: 'CredentialsProviderError' }],
  ['not-found', { name: 'InvalidAMIID.NotFound' }],
  ['conflict', { name: 'AlreadyExistsFault', Code: 'AlreadyExists' }],
  ['capacity', { name: 'InsufficientInstanceCapacity' }],
  // What was sent may have been carried out.
  ['unknown', { name: 'TimeoutError', code: 'ECONNRESET' }],
  ['unknown', { name: 'Unheard', $metadata: { httpStatusCode: 500 } }],
  ['unknown', { name: 'Error', message: 'socket hang up' }],
  // Nothing left this machine.
  ['transient', { name: 'Error', code: 'ECONNREFUSED' }],
  // An answer that nobody knows is a refusal all the same.
  ['invalid', { name: 'Unheard', $metadata: { httpStatusCode: 400 } }],
] as const)('%s is what %j means', ([expected, error]) => {
  expect(awsFailure('call', error).facts.class).toBe(expected)
})

test('an error says what AWS said, and by which name', () => {
  const { message, facts } = awsFailure('elb.ModifyRule', {
    name: 'RuleNotFoundException',
    Code: 'RuleNotFound',
    message: 'no such rule',
  })
  expect([message, facts.native]).toEqual(['AWS answered elb.ModifyRule with RuleNotFound: no such rule', 'RuleNotFound'])
})

test.for([
  ['capacity', 'We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (us-east-1a).'],
  ['capacity', 'There is no Spot capacity available that matches your request.'],
  ['capacity', 'Your Spot request price of 0.01 is lower than the minimum required Spot request fulfillment price of 0.02.'],
  ['quota', '4 instance(s) are already running. Launching EC2 instance failed.'],
  [
    'quota',
    'You have requested more instances (7) than your current instance limit of 6 allows for the specified instance type.',
  ],
  ['quota', 'You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket.'],
  ['transient', 'AMI ami-0 is pending, and cannot be run. Launching EC2 instance failed.'],
  [
    'transient',
    "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token 7 was abandoned: Lifecycle Action Completed with ABANDON Result",
  ],
  ['transient', 'an instance was taken out of service in response to an ELB system health check failure.'],
  ['denied', 'You are not authorized to perform this operation. Launching EC2 instance failed.'],
  ['invalid', "The AMI ID 'ami-0' does not exist. Launching EC2 instance failed."],
  ['invalid', "The requested instance type's architecture (x86_64) does not match the architecture in the manifest (arm64)."],
  ['invalid', 'The security group sg-0 does not exist. Launching EC2 instance failed.'],
  ['invalid', 'Client.InternalError: Client error on launch. Launching EC2 instance failed.'],
] as const)('a launch failed by %s: %s', ([expected, text]) => {
  expect(classOf(text)).toBe(expected)
})
