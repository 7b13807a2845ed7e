import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A line of the load generator: an interval, or one failed request. */
export interface LoadLine {
  readonly at: number
  readonly requests?: number
  readonly failed?: number
  readonly byImage?: Readonly<Record<string, { readonly requests: number; readonly failed: number }>>
  readonly latencyMs?: { readonly p50: number; readonly p99: number }
  readonly openStreams?: number
  readonly kind?: string
  readonly why?: string
  readonly image?: string
  readonly status?: number
  readonly tookMs?: number
  /** Only in the last line. */
  readonly total?: { readonly requests: number; readonly failed: number }
}

/** The load under way. */
export interface Load {
  /** Everything it said so far. */
  readonly lines: readonly LoadLine[]
  /** Its newest interval. */
  latest(): LoadLine | undefined
  /** How many requests failed so far. */
  failed(): number
  stop(): Promise<void>
}

const MAIN = fileURLToPath(new URL('../load/main.ts', import.meta.url))

/** Starts the load generator as a process of its own. It has connections enough for answers that take a quarter of a second. */
export async function startLoad(url: string): Promise<Load> {
  const child = spawn(process.execPath, [MAIN, '--url', url, '--rate', '250', '--connections', '64', '--streams', '4'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines: LoadLine[] = []
  let latest: LoadLine | undefined
  let failed = 0
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (text) => {
    const line = JSON.parse(text) as LoadLine
    lines.push(line)
    if (line.byImage !== undefined) latest = line
    if (line.why !== undefined) failed += 1
  })
  await Promise.race([once(reader, 'line'), exited])
  return {
    lines,
    latest: () => latest,
    failed: () => failed,
    async stop() {
      child.kill('SIGTERM')
      child.stdin.end()
      await exited
    },
  }
}
