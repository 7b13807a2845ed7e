import { fileURLToPath } from 'node:url'

/** The file that a new process of the local cloud runs: the source beside this one, or its bundle. */
export function entryPoint(name: 'daemon' | 'balancer'): string {
  const inSource = import.meta.url.endsWith('.ts')
  return fileURLToPath(new URL(inSource ? `./${name}/main.ts` : `./local-${name}.js`, import.meta.url))
}

/** What the daemon and the balancer get of this process's environment: no secret of a client reaches them. */
export function plainEnvironment(): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LANG', 'XDG_STATE_HOME']) {
    const value = process.env[name]
    if (value !== undefined) kept[name] = value
  }
  return kept
}

/** Flags for a process that may run from source. */
export const NODE_FLAGS: readonly string[] = ['--disable-warning=ExperimentalWarning']
