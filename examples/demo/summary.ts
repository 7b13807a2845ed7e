import type { Paint } from './paint.ts'
import type { Result } from './results.ts'

/** How often the gates of the demo measure. */
export const GATE_INTERVAL_MS = 1_000

/** What the demo promises of each image. */
const OUTCOMES: Readonly<Record<string, string>> = { v2: 'promoted', v3: 'promoted', broken: 'rolled-back', never: 'rolled-back' }

/** The promises that were not kept, in words. */
export function brokenPromises(results: readonly Result[], failedInAll: number): string[] {
  const broken: string[] = []
  for (const one of results) {
    const { image, outcome, failedRequests, detectedMs, failedOutsideExposure } = one
    if (outcome !== OUTCOMES[image]) broken.push(`${image} ended ${outcome}, not ${OUTCOMES[image] ?? 'as known'}`)
    if (failedRequests > allowedFailures(one))
      broken.push(`${image}: ${failedRequests} requests failed, ${allowedFailures(one)} may`)
    if (failedOutsideExposure > 0) broken.push(`${image}: ${failedOutsideExposure} requests failed though it had no weight`)
    if (detectedMs !== null && detectedMs > 2 * GATE_INTERVAL_MS)
      broken.push(`${image}: its weight was back at 0 after ${detectedMs} ms`)
  }
  const during = results.reduce((sum, one) => sum + one.failedRequests, 0)
  if (during !== failedInAll) broken.push(`${failedInAll - during} requests failed between the rollouts`)
  return broken
}

/** Only a broken image may cost anything, and no more than its weight of the requests while it had some. */
function allowedFailures({ image, exposedRequests, maxWeight }: Result): number {
  return image === 'broken' ? Math.ceil((exposedRequests * maxWeight) / 100) : 0
}

/** What came of it: a table, and what a broken image cost. */
export function summary(results: readonly Result[], { bold, dim, green, yellow }: Paint): string {
  const head = ['image', 'strategy', 'outcome', 'took', 'requests', 'failed']
  const rows = results.map((one) => [
    one.image,
    one.strategy,
    one.outcome,
    `${(one.durationMs / 1_000).toFixed(1)}s`,
    `${one.requests}`,
    `${one.failedRequests}`,
  ])
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()
  const lines = rows.map((row) => line(row).replace('promoted', green('promoted')).replace('rolled-back', yellow('rolled-back')))
  return [bold('What came of it'), '', dim(line(head)), ...lines, '', ...results.flatMap(cost)].join('\n')
}

function cost(one: Result): string[] {
  if (one.failedRequests === 0) return []
  const { image, failedRequests, exposedRequests, maxWeight, detectedMs } = one
  return [
    `  ${image}: ${failedRequests} requests failed. While it had weight, ${maxWeight} %, there were ${exposedRequests}: ${allowedFailures(one)} might have.`,
    ...(detectedMs === null ? [] : [`  ${detectedMs} ms after the first failing measurement it had none any more.`]),
  ]
}
