import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { clone } from 'imago'
import { azure, type AzureAccess } from 'imago/azure'
import { expect, test, vi } from 'vitest'
import { setUpFleet } from './fleet.ts'
import { createSite, clientOf, type Site } from './site.ts'
import { SUBSCRIPTION } from './wire/account.ts'
import { Fault } from './wire/fault.ts'

const THROTTLED = { details: [{ code: 'TooManyRequests', message: 'HighCostGetVMScaleSet3Min is used up.' }] }

test.for([
  [new Fault(429, 'OperationNotAllowed', 'Too many.', THROTTLED), 'throttled', 'TooManyRequests', undefined],
  [
    new Fault(429, 'RetryableErrorDueToAnotherOperation', 'Somebody else.'),
    'conflict',
    'RetryableErrorDueToAnotherOperation',
    undefined,
  ],
  [new Fault(429, 'TooManyRequests', 'Slow down.', { headers: { 'retry-after': '7' } }), 'throttled', 'TooManyRequests', 7_000],
  [
    new Fault(429, 'OperationNotAllowed', 'Too many.', { headers: { 'x-ms-retry-after-ms': '250' } }),
    'throttled',
    'OperationNotAllowed',
    250,
  ],
  [new Fault(429, 'a code that is new', 'Slow down.'), 'throttled', 'a code that is new', undefined],
  [new Fault(503, 'ServiceUnavailable', 'Later.'), 'transient', 'ServiceUnavailable', undefined],
  [new Fault(500, 'InternalServerError', 'Who knows.'), 'unknown', 'InternalServerError', undefined],
  [new Fault(403, 'AuthorizationFailed', 'ada may not.'), 'denied', 'AuthorizationFailed', undefined],
  [new Fault(401, 'ExpiredAuthenticationToken', 'It is over.'), 'denied', 'ExpiredAuthenticationToken', undefined],
  [new Fault(409, 'Conflict', 'A concurrent request.'), 'conflict', 'Conflict', undefined],
  [
    new Fault(409, 'OperationNotAllowed', 'It results in exceeding approved standardDSv5Family Cores quota.'),
    'quota',
    'OperationNotAllowed',
    undefined,
  ],
  [new Fault(409, 'OperationNotAllowed', 'It is marked for deletion.'), 'conflict', 'OperationNotAllowed', undefined],
  [new Fault(412, 'PreconditionFailed', 'The etag is another.'), 'conflict', 'PreconditionFailed', undefined],
  [new Fault(400, 'BadRequest', 'No.'), 'invalid', 'BadRequest', undefined],
  [
    new Fault(409, 'ResourceOperationFailure', 'It failed.', {
      details: [{ code: 'OverconstrainedZonalAllocationRequest', message: 'Zone 1 has none left.' }],
    }),
    'capacity',
    'OverconstrainedZonalAllocationRequest',
    undefined,
  ],
] as const)('%s is of its class, in Azure’s words', async ([fault, failure, native, retryAfterMs]) => {
  const site = await createSite()
  setUpFleet(site)
  site.account.refusals.set('virtualMachineScaleSetVMs.list', fault)
  const { message } = fault.details[0] ?? fault
  await expect(look(site.access)).rejects.toMatchObject({
    code: 'call-failed',
    message: `Azure answered virtualMachineScaleSetVMs.list with ${native}: ${message}`,
    facts: {
      class: failure,
      call: 'virtualMachineScaleSetVMs.list',
      native,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  })
})

test('a set, and a resource group, that is not there says so', async () => {
  const site = await createSite()
  setUpFleet(site)
  await expect(look(site.access, 'nobody')).rejects.toMatchObject({
    message: expect.stringMatching(
      /^The fleet web: in the resource group shop there is no scale set nobody, nor any with its mark/,
    ) as string,
    facts: { class: 'not-found' },
  })
  await expect(look({ ...site.access, resourceGroup: 'elsewhere' })).rejects.toMatchObject({ facts: { class: 'not-found' } })
})

test('a part that cannot be read fails the whole look, the second page too', async () => {
  const site = await createSite()
  setUpFleet(site, { size: 250 })
  const busy = new Fault(503, 'ServerBusy', 'Later.')
  const access = onSecondPage(site, () => site.account.refusals.set('virtualMachineScaleSetVMs.list', busy))
  await expect(look(access)).rejects.toMatchObject({ facts: { class: 'transient', native: 'ServerBusy' } })
  // Once each: whether to repeat is for the engine to say.
  expect(site.account.requests.filter((one) => one.operation === 'virtualMachineScaleSetVMs.list')).toHaveLength(2)
})

test('a look is let go of in the middle of a list, too', async () => {
  const site = await createSite()
  setUpFleet(site, { size: 250 })
  const letGo = new AbortController()
  const access = onSecondPage(site, () => {
    site.account.silent.add('virtualMachineScaleSetVMs.list')
    setTimeout(() => letGo.abort(), 50)
  })
  await expect(look(access, 'web', letGo.signal)).rejects.toMatchObject({
    facts: { class: 'unknown', call: 'virtualMachineScaleSetVMs.list' },
  })
})

test.for(['virtualMachineScaleSets.get', 'virtualMachineScaleSetVMs.list'])(
  '%s is let go of when its signal aborts',
  async (operation) => {
    const site = await createSite()
    setUpFleet(site)
    site.account.silent.add(operation)
    const letGo = new AbortController()
    const looking = look(site.access, 'web', letGo.signal)
    looking.catch(() => undefined)
    await vi.waitUntil(() => site.account.requests.some((one) => one.operation === operation))
    letGo.abort()
    await expect(looking).rejects.toMatchObject({ facts: { class: 'unknown', call: operation } })
    site.account.requests.length = 0
    await expect(look(site.access, 'web', AbortSignal.abort())).rejects.toMatchObject({ facts: { class: 'unknown' } })
    expect(site.account.requests).toEqual([])
  },
)

test('nobody there is transient: nothing left this machine', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => void server.close(() => resolve()))
  const endpoint = `http://127.0.0.1:${port}`
  const client = (subscription: string) => clientOf(endpoint, subscription)
  await expect(look({ subscription: SUBSCRIPTION, resourceGroup: 'shop', endpoint, client })).rejects.toMatchObject({
    facts: { class: 'transient', native: 'ECONNREFUSED' },
  })
})

test.for([
  ['AllocationFailed', 'Zone 1 has no such machines left.', 'capacity'],
  ['OperationNotAllowed', 'It results in exceeding approved Total Regional Cores quota.', 'quota'],
  ['OSProvisioningTimedOut', 'The machine did not come up in time.', 'transient'],
  ['a code that is new', 'Something is not as it should be.', 'invalid'],
] as const)('a launch that failed by %s is counted once, with its class', async ([code, message, failure]) => {
  const site = await createSite()
  const { members } = setUpFleet(site, { size: 3 })
  const cloud = azure(site.access)
  const failures = async () => (await describeBy(cloud)).groups[0]?.failures
  expect(await failures()).toEqual({ count: 0 })
  members[1] = { ...members[1]!, machine: undefined, failure: { code, message, at: site.world.now } }
  const { groups } = await describeBy(cloud)
  expect(groups[0]?.instances[1]).toMatchObject({ state: 'unhealthy', reason: `ProvisioningState/failed: ${message}` })
  const counted = { count: 1, last: { class: failure, message: `${code}: ${message}` } }
  expect([await failures(), await failures()]).toEqual([counted, counted])
  // Another one fails later: that is the last, wherever it stands in the list.
  members[0] = {
    ...members[0]!,
    machine: undefined,
    failure: { code: 'SkuNotAvailable', message: 'Gone.', at: site.world.now + 1 },
  }
  const twice = { count: 2, last: { class: 'capacity', message: 'SkuNotAvailable: Gone.' } }
  expect([await failures(), await failures()]).toEqual([twice, twice])
  // Azure takes them away; the count never falls.
  members.splice(0, 2)
  expect(await failures()).toEqual(twice)
})

test('a set that failed before it had any instance says why', async () => {
  const site = await createSite()
  const set = setUpFleet(site, { size: 0 })
  set.provisioningState = 'Failed'
  set.failure = { code: 'SkuNotAvailable', message: 'The size is not to be had in West Europe.' }
  expect((await look(site.access)).groups[0]?.failures).toEqual({
    count: 1,
    last: { class: 'capacity', message: 'SkuNotAvailable: The size is not to be had in West Europe.' },
  })
})

/** An access by which something is done before a second page is asked for. */
function onSecondPage({ access }: Site, body: () => void): AzureAccess {
  const client = (subscription: string) => {
    const made = access.client!(subscription) as ReturnType<typeof clientOf>
    made.pipeline.addPolicy({
      name: 'onSecondPage',
      sendRequest: (request, next) => {
        if (request.url.includes('skiptoken')) body()
        return next(request)
      },
    })
    return made
  }
  return { ...access, client }
}

function look(access: AzureAccess, adopt = 'web', signal = new AbortController().signal) {
  return describeBy(azure(access), adopt, signal)
}

function describeBy(cloud: ReturnType<typeof azure>, adopt = 'web', signal = new AbortController().signal) {
  return cloud.describe({ name: 'web', placement: clone({ adopt }), handles: [] }, { signal, token: 't' })
}
