import { createServer } from 'node:net'
import { inPlace, isRolloutError } from 'imago'
import { gcp } from 'imago/gcp'
import { expect, test } from 'vitest'
import { addGroup, setUpImages, ZONE } from './fleet.ts'
import { auth, createSite, testTheWire, type Site } from './site.ts'
import { Fault } from './wire/fault.ts'

const target = { name: 'web', placement: inPlace('web'), handles: [] }

test.for([
  [400, 'invalid', 'invalid'],
  [400, 'resourceNotReady', 'transient'],
  [400, 'resourceInUseByAnotherResource', 'conflict'],
  [401, 'authError', 'denied'],
  [403, 'forbidden', 'denied'],
  [403, 'rateLimitExceeded', 'throttled'],
  [403, 'quotaExceeded', 'quota'],
  [404, 'notFound', 'not-found'],
  [409, 'alreadyExists', 'conflict'],
  [412, 'conditionNotMet', 'conflict'],
  [429, 'tooMany', 'throttled'],
  [500, 'internalError', 'unknown'],
  [502, 'badGateway', 'unknown'],
  [503, 'backendError', 'unknown'],
] as const)('%i %s is classed as %s, in the words of Google', async ([status, reason, failure]) => {
  const { site } = await standing()
  site.project.mishaps.set('instanceGroupManagers.listErrors', new Fault(status, reason, 'It is as it is.'))
  const error = await refusal(site)
  expect(error.facts).toMatchObject({ class: failure, call: 'instanceGroupManagers.listErrors', native: reason })
  expect(error.message).toBe(`Compute Engine answered instanceGroupManagers.listErrors with ${status} ${reason}: It is as it is.`)
  // The client would have repeated some of these for ten minutes.
  expect(site.calls()['GET instanceGroupManagers.listErrors']).toBe(1)
})

test('too many calls a minute are throttling, though the status says forbidden', async () => {
  const { site } = await standing()
  const said = "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute' of service"
  site.project.mishaps.set('instanceTemplates.get', new Fault(403, 'unheardOf', said))
  expect((await refusal(site)).facts.class).toBe('throttled')
})

test('whoever may not act as a service account is denied, though the status says that the request is wrong', async () => {
  const { site } = await standing()
  const said = "The user does not have access to service account 'web@web-prod.iam.gserviceaccount.com'."
  site.project.mishaps.set('instanceTemplates.get', new Fault(400, 'SERVICE_ACCOUNT_ACCESS_DENIED', said))
  expect((await refusal(site)).facts.class).toBe('denied')
})

test.for([
  ['is cut off', 'reset'],
  ['cannot be read', 'garbled'],
] as const)('an answer that %s is unknown at once', async ([, mishap]) => {
  const { site } = await standing()
  site.project.mishaps.set('instanceGroupManagers.listErrors', mishap)
  expect((await refusal(site)).facts.class).toBe('unknown')
  expect(site.calls()['GET instanceGroupManagers.listErrors']).toBe(1)
})

test.for(['before it is made', 'while nobody answers'] as const)('a call is let go of %s, with its request', async (when) => {
  const { site } = await standing()
  site.project.mishaps.set('instanceGroupManagers.get', 'silence')
  const letGo = new AbortController()
  if (when === 'before it is made') letGo.abort()
  const look = gcp(site.accessTo(ZONE)).describe(target, { signal: letGo.signal, token: 't' })
  const over = look.catch((error: unknown) => error)
  if (when !== 'before it is made') await expect.poll(() => site.waiting()).toBe(1)
  letGo.abort()
  expect(await over).toMatchObject({ code: 'call-failed', facts: { class: 'unknown' } })
  await expect.poll(() => site.waiting()).toBe(0)
})

test('a port where nobody listens is transient: nothing was sent', async () => {
  const free = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => void free.once('listening', resolve))
  const { port } = free.address() as { port: number }
  await new Promise((resolve) => void free.close(resolve))
  const cloud = gcp({ project: 'web-prod', location: ZONE, endpoint: `http://127.0.0.1:${port}`, auth })
  const error = await cloud.describe(target, { signal: new AbortController().signal, token: 't' }).catch((one: unknown) => one)
  expect(error).toMatchObject({
    facts: { class: 'transient' },
    message: expect.stringContaining(`ECONNREFUSED 127.0.0.1:${port}`),
  })
})

test('clients are made from an address and credentials, and what signs for whom stays out of every error', async () => {
  const { site } = await standing()
  const signed: string[] = []
  const mine = {
    getRequestHeaders: () => Promise.resolve(new Headers()),
    fetch: (url: never, init?: never) => {
      signed.push(String(url))
      return auth.fetch(url, { ...(init as object | undefined), headers: { authorization: 'Bearer a-secret' } } as never)
    },
  }
  const cloud = gcp({ project: site.project.id, location: ZONE, endpoint: site.endpoint, auth: mine })
  const context = { signal: new AbortController().signal, token: 't' }
  expect((await cloud.describe(target, context)).groups[0]?.instances.length).toBe(3)
  expect(signed.length).toBeGreaterThan(0)
  site.project.mishaps.set('instanceGroupManagers.get', new Fault(403, 'forbidden', 'No.'))
  const error = await cloud.describe(target, context).catch((one: unknown) => one)
  expect(JSON.stringify(error)).not.toContain('a-secret')
  expect(error).toMatchObject({ facts: { class: 'denied' } })
})

test('credentials that cannot be had are denied, and asked for again the next time', async () => {
  const { site } = await standing()
  let there = false
  const late = {
    initialize: () =>
      there ? Promise.resolve() : Promise.reject(new Error('Could not load the default credentials. Browse to …')),
    get: () => Promise.reject(new Error('It went through.')),
    list: () => Promise.reject(new Error('It went through.')),
  }
  const { clients } = site.accessTo(ZONE)
  const cloud = gcp({ ...site.accessTo(ZONE), clients: { ...clients, instanceGroupManagers: late } })
  const look = () => cloud.describe(target, { signal: new AbortController().signal, token: 't' })
  await expect(look()).rejects.toMatchObject({ facts: { class: 'denied' }, message: /Could not load the default credentials/ })
  there = true
  await expect(look()).rejects.toThrow(/It went through/)
})

test('where Google Cloud is reached is checked at once, and everything that is wrong is said', () => {
  const wrong = { project: 'Web Prod', location: 'europe', endpoint: 'nowhere', auth: {}, clients: { images: {} } }
  const refused = (() => {
    try {
      return gcp(wrong as never)
    } catch (error) {
      return error
    }
  })()
  if (!isRolloutError(refused, 'spec-invalid')) throw refused
  expect(refused.facts.problems.map((one) => one.path)).toEqual([
    'access.project',
    'access.location',
    'access.auth',
    'access.endpoint',
    'access.clients.images',
  ])
})

async function standing() {
  const site = await createSite()
  setUpImages(site)
  addGroup(site)
  return { site }
}

/** How a look at a site fails. */
async function refusal(site: Site) {
  const look = gcp(site.accessTo(ZONE)).describe(target, { signal: new AbortController().signal, token: 't' })
  const error = await look.catch((one: unknown) => one)
  if (!isRolloutError(error, 'call-failed')) throw error
  return error
}

testTheWire()
