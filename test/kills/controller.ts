import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { root } from '../../tools/subpaths.ts'

const DRIVER = fileURLToPath(new URL('./driver.ts', import.meta.url))

/** How a controller ended: with an outcome, with an error that it told, or killed. */
export interface Ending {
  readonly outcome?: string
  readonly error?: string
  readonly code?: string
}

/** A process that drives a rollout. */
export interface Controller {
  /** Lets it begin: it has loaded everything and waits for this. */
  go(): void
  kill(): void
  readonly ending: Promise<Ending>
}

/** Starts a controller for a rollout; resolves when it is ready to begin. */
export async function startController(home: string, rolloutId: string): Promise<Controller> {
  const child = spawn(process.execPath, ['--import', join(root, 'tools/source.mjs'), DRIVER, home, rolloutId], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  // It may be killed before it was told to begin.
  child.stdin.on('error', () => undefined)
  const said: string[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => said.push(line))
  const ending = once(child, 'close').then(() => JSON.parse(said.at(-1) ?? '{}') as Ending)
  await Promise.race([once(lines, 'line'), ending])
  return { ending, go: () => void child.stdin.write('go\n'), kill: () => void child.kill('SIGKILL') }
}
