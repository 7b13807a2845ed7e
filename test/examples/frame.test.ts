import { stripVTControlCharacters } from 'node:util'
import pc from 'picocolors'
import { describe, expect, test } from 'vitest'
import { frame, type Moment } from '../../examples/demo/frame.ts'

const states = Array.from({ length: 6 }, (_, index) => (index === 5 ? 'starting' : 'healthy'))
const moment: Moment = {
  title: 'a title that is longer than a narrow terminal has room for, and then some more of it',
  groups: [{ id: 'web', states }],
  load: { at: 0, requests: 62, latencyMs: { p50: 5, p99: 12 }, openStreams: 4 },
  failed: 3,
  now: 0,
}

describe('a picture of the fleet', () => {
  test.each([40, 60, 100, 160])('is never wider than %i columns, in as many lines with colours as without', (columns) => {
    const plain = frame(moment, columns, pc.createColors(false)).split('\n')
    const coloured = frame(moment, columns, pc.createColors(true))
    expect(coloured).not.toBe(plain.join('\n'))
    expect(stripVTControlCharacters(coloured).split('\n')).toEqual(plain)
    for (const line of plain) expect(line.length).toBeLessThan(columns)
  })

  test('says how many are healthy, and what the load sees', () => {
    const said = frame(moment, 120, pc.createColors(false))
    expect(said).toMatch(/stable +web .*● ● ● ● ● ◌ {2}5\/6 healthy/)
    expect(said).toMatch(/248 requests\/s +3 failed +p50 5 ms, p99 12 ms, 4 streams/)
  })
})
