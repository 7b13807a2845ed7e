import { Ajv } from 'ajv'
import { blueGreen, type RolloutEvent } from 'imago'
import { courses, drawScenario, goThrough, simulate } from 'imago/testing'
import { describe, expect, test } from 'vitest'
import { eventSchema, SCHEMA_FILE } from '../../tools/event-schema.ts'
import { createSite } from '../kit/index.ts'

const seed = Number(process.env['IMAGO_SEED'])
const text = await eventSchema()
const isEvent = new Ajv({ strict: true, strictTypes: true, allowUnionTypes: true }).compile<RolloutEvent>(
  JSON.parse(text) as object,
)

test('the published schema is what the types say now', async () => {
  await expect(text, 'made anew by: npm test -- test/events --update').toMatchFileSnapshot(SCHEMA_FILE)
})

describe('what is journaled', () => {
  test('is valid: every course of every strategy', async () => {
    for (const course of courses()) expect(faults((await goThrough(course)).journal), course.name).toEqual([])
  })

  test('is valid: drawn fleets, faults, crashes and people', { timeout: 120_000 }, async () => {
    for (const one of [...range(1, 30), ...range(seed, 15)]) {
      const { spec, model } = drawScenario(one >>> 0)
      expect(faults((await simulate(spec, model)).journal), `seed ${one}`).toEqual([])
    }
  })

  test('is valid: a person who is asked, answers, and asks for what has no meaning', async () => {
    const site = createSite()
    const { fleet } = site.process()
    const plan = fleet.plan({ image: 'img-2', strategy: blueGreen({ promotion: 'manual', bake: '30s' }) })
    const rollout = await site.settled(plan.then((made) => fleet.start(made)))
    rollout.on('approval.requested', () => rollout.approve('promotion', { by: 'eve', comment: 'looks good' }))
    await site.settled(rollout.run())
    const events = await site.settled(Array.fromAsync(rollout.events()))
    expect(events.map((event) => event.type)).toEqual(expect.arrayContaining(['approval.requested', 'gate.approved']))
    expect(faults(events)).toEqual([])
  })
})

describe('what is not an event', async () => {
  const journal = (await goThrough(courses()[0] ?? expect.fail())).journal

  test.for(Object.keys(manglings))('%s', (name) => {
    const passing = journal.map(manglings[name] ?? expect.fail()).filter((event) => isEvent(event))
    expect(passing).toEqual([])
  })

  test('a sealed part: the schema has no place for one, and the store keeps it beside the event', async () => {
    expect(text).not.toContain('"sealed"')
    const site = createSite()
    const { fleet } = site.process()
    await site.settled(fleet.plan({ image: 'img-2', strategy: blueGreen() }).then((plan) => fleet.start(plan)))
    const [stream = ''] = await site.store.list('fleet/')
    const [entry] = await site.store.read(stream, 1)
    expect(Object.keys(entry ?? {}).sort()).toEqual(['event', 'sealed'])
    expect(isEvent(entry?.['event'])).toBe(true)
    expect(isEvent(entry)).toBe(false)
  })
})

const manglings: Readonly<Record<string, (event: RolloutEvent) => unknown>> = {
  'a type that is none': (event) => ({ ...event, type: `${event.type}s` }),
  'a field more': (event) => ({ ...event, note: 'x' }),
  'a field less': ({ at: _at, ...event }) => event,
  'no type': ({ type: _type, ...event }) => event,
  'a number written as text': (event) => ({ ...event, seq: String(event.seq) }),
  'a newer format': (event) => ({ ...event, v: 2 }),
}

function faults(events: readonly RolloutEvent[]): unknown[] {
  return events.filter((event) => !isEvent(event))
}

function* range(from: number, length: number): Generator<number> {
  for (let offset = 0; offset < length; offset++) yield from + offset
}
