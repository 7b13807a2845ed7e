/**
 * The load of the examples: constant, and never forgiving. Half of the requests are POSTs whose echo is compared; nothing is ever asked twice; a
 * request has failed when it is not answered by 2xx, is cut, or takes over 5 s.
 *
 *     npm exec -- node examples/load/main.ts --url http://127.0.0.1:8080 [--rate 250] [--connections 32] [--streams 4] [--stream-duration 6000]
 *
 * Each line of output is JSON: one an interval, one for each failed request, and `{ total }` at the end. It ends on SIGTERM, on SIGINT, and when
 * its standard input, a pipe, is closed: so it never outlives who started it.
 */
import { fstatSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Outcome } from './ask.ts'
import { sendRequests } from './requests.ts'
import { keepStreams, type OpenStreams } from './streams.ts'
import { createTally } from './tally.ts'

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    rate: { type: 'string', default: '250' },
    connections: { type: 'string', default: '32' },
    streams: { type: 'string', default: '4' },
    'stream-duration': { type: 'string', default: '6000' },
    'report-every': { type: 'string', default: '250' },
  },
})

function main(url: string): void {
  const stop = new AbortController()
  endWith(() => stop.abort())
  const total = createTally()
  let interval = createTally()
  const open: OpenStreams = { count: 0 }

  const onEnd = (outcome: Outcome, tookMs: number) => {
    if (stop.signal.aborted) return
    total.add(outcome, tookMs)
    interval.add(outcome, tookMs)
    if (outcome.why !== undefined) say({ at: Date.now(), ...outcome, tookMs: Math.round(tookMs) })
  }
  const report = () => {
    say({ at: Date.now(), ...interval.summary(), openStreams: open.count })
    interval = createTally()
  }
  const timer = setInterval(report, number('report-every'))
  stop.signal.addEventListener('abort', () => {
    clearInterval(timer)
    report()
    say({ at: Date.now(), total: total.summary() })
    // Requests under way are left as they are: waiting for them could take as long as the slowest.
    process.stdout.write('', () => process.exit(0))
  })
  const requests = { url, rate: number('rate'), connections: number('connections') }
  void sendRequests(requests, onEnd, stop.signal)
  void keepStreams({ url, streams: number('streams'), streamMs: number('stream-duration') }, open, onEnd, stop.signal)
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function endWith(end: () => void): void {
  process.on('SIGTERM', end).on('SIGINT', end)
  process.stdout.on('error', () => process.exit(1))
  const input = fstatSync(0)
  // A terminal or a file says nothing about whether somebody is still there.
  if (input.isFIFO() || input.isSocket()) process.stdin.on('end', end).on('error', end).resume()
}

function number(name: 'rate' | 'connections' | 'streams' | 'stream-duration' | 'report-every'): number {
  const value = Number(values[name])
  return Number.isInteger(value) && value >= 0 ? value : refuse(name, values[name], 'a whole number')
}

function refuse(name: string, found: string | undefined, allowed: string): never {
  console.error(`--${name}: found ${found ?? 'nothing'}; allowed: ${allowed}`)
  process.exit(1)
}

main(values.url ?? refuse('url', undefined, 'the address of a service, such as http://127.0.0.1:8080'))
