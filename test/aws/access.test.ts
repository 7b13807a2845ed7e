import { isRolloutError, type RolloutError } from 'imago'
import { alb, aws } from 'imago/aws'
import { expect, test } from 'vitest'

/** The refusal of something that cannot be made. */
function refusal(make: () => unknown): RolloutError<'spec-invalid'> {
  try {
    make()
  } catch (error) {
    if (isRolloutError(error, 'spec-invalid')) return error
    throw error
  }
  throw new Error('it was made')
}

test.for([
  ['nothing', undefined, ['access']],
  ['a text', 'eu-west-1', ['access']],
  ['no region', {}, ['access.region']],
  ['a zone for a region', { region: 'eu-west-1a' }, ['access.region']],
  [
    'much at once',
    { region: '', endpoint: 'aws', clients: { ec2: {}, s3: {} }, clock: 3, maxAttempts: 3 },
    ['access.clients.ec2', 'access.clients.s3', 'access.clock', 'access.endpoint', 'access.maxAttempts', 'access.region'],
  ],
] as const)('access that is %s is refused, with every problem', ([, access, paths]) => {
  const { facts } = refusal(() => aws(access as never))
  expect(facts.problems.map((one) => one.path).toSorted()).toEqual(paths)
  for (const { allowed, found } of facts.problems) expect([allowed, found].every((one) => one.length > 0)).toBe(true)
})

test('credentials are not repeated in a refusal', () => {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret of nobody' }
  const error = refusal(() => aws({ region: 'nowhere', credentials }))
  expect(`${String(error)} ${JSON.stringify(error.facts)}`).not.toMatch(/secret of nobody|AKIDEXAMPLE/)
})

test('a router needs the provider itself, and listeners of application load balancers', () => {
  const cloud = aws({ region: 'eu-west-1' })
  const nlb = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/net/web/1/2'
  expect(refusal(() => alb({ ...cloud }, { listeners: [] })).facts.problems.map((one) => one.path)).toEqual([
    'cloud',
    'listeners',
  ])
  expect(refusal(() => alb(cloud, { listeners: ['web', nlb] })).facts.problems.map((one) => one.path)).toEqual([
    'listeners[0]',
    'listeners[1]',
  ])
})
