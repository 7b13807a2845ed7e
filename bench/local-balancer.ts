import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { atLeast, atMost, plain, type Bench, type Figure } from './lib/bench.ts'

const LEAST_THROUGHPUT = 0.25
const MOST_LATENCY = 3

interface Row {
  readonly name: string
  readonly perSecond: number
  readonly p99: number
  readonly throughputRatio: number
  readonly p99Ratio: number
}

/** The local balancer beside its backend, and beside HAProxy where it is installed. */
export const bench: Bench = {
  name: 'balancer',
  how: 'requests a second and p99 of one Node backend with answers of 1 KB over 32 keep-alive connections, asked directly and through the balancer, in turns; the median of all rounds',
  async run({ quick, skip }) {
    const program = fileURLToPath(new URL('./balancer.ts', import.meta.url))
    const args = [program, '--json', ...(quick ? ['--rounds', '1', '--duration', '1s'] : [])]
    const { stdout } = await promisify(execFile)(process.execPath, args).catch(foundAllTheSame)
    const { rows } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { rows: readonly Row[] }
    if (!rows.some((row) => row.name === 'haproxy')) skip('HAProxy beside the balancer, which is not installed here')
    return rows.flatMap(figures)
  },
}

/** It ends with 1 when a promise is not kept; what it says then is still what was found. */
function foundAllTheSame(error: unknown): { readonly stdout: string } {
  const { stdout } = error as { readonly stdout: string }
  if (stdout === '') throw error
  return { stdout }
}

function figures(row: Row): Figure[] {
  const speed = plain(`${row.name}: requests`, row.perSecond, '1/s')
  if (row.name === 'direct') return [speed, plain('direct: p99', row.p99, 'ms')]
  const ratios = [
    [`${row.name}: share of the direct throughput`, row.throughputRatio],
    [`${row.name}: p99 beside the direct one`, row.p99Ratio],
  ] as const
  if (row.name !== 'balancer') return [speed, ...ratios.map(([name, value]) => plain(name, value))]
  return [speed, atLeast(LEAST_THROUGHPUT, ...ratios[0]), atMost(MOST_LATENCY, ...ratios[1])]
}
