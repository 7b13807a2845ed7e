import { fileURLToPath } from 'node:url'
import type { LocalPaths } from './paths.ts'

/** The file that a new process of the local cloud runs: the source beside this one, or its bundle. */
export function entryPoint(name: 'daemon' | 'balancer'): string {
  const inSource = import.meta.url.endsWith('.ts')
  return fileURLToPath(new URL(inSource ? `./${name}/main.ts` : `./local-${name}.js`, import.meta.url))
}

/**
 * What the daemon and the balancer get of this process's environment: no secret of a client reaches them. Their compiled code
 * is kept in their home: one that was killed is back in a third of the time.
 */
export function plainEnvironment({ codeCache }: LocalPaths): Record<string, string> {
  const kept: Record<string, string> = { NODE_COMPILE_CACHE: codeCache }
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LANG', 'XDG_STATE_HOME']) {
    const value = process.env[name]
    if (value !== undefined) kept[name] = value
  }
  return kept
}

/** Flags for a process that may run from source. */
export const NODE_FLAGS: readonly string[] = ['--disable-warning=ExperimentalWarning']
