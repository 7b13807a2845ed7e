import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { searchPath } from '../images/obstacles.ts'
import { launch } from '../instances/launch.ts'
import { logFile, saysPortInUse } from '../instances/logs.ts'
import type { LaunchSettings } from '../launch/settings.ts'
import type { LocalPaths } from '../paths.ts'
import type { Book } from './book.ts'
import type { Death } from './bury.ts'
import { claimOf, type Census } from './census.ts'
import { instancesOf, type InstanceRecord } from './state.ts'

/** What the launcher needs. */
export interface LauncherOptions {
  readonly book: Book
  readonly paths: LocalPaths
  readonly census: Census
  settingsOf(release: string): LaunchSettings
  /** Why an image must not be launched. */
  verify(image: string): Promise<string | undefined>
  /** Something was started or ended. */
  onChange(): void
}

/** Makes the function that starts every instance that was decided on and is not yet started. */
export function createLauncher({ book, paths, census, settingsOf, verify, onChange }: LauncherOptions): () => void {
  const launching = new Set<string>()

  async function start({ id, release }: InstanceRecord): Promise<void> {
    const fault = await verify(imageOf(book, release))
    const instance = find(book, id)
    // It may have been decided otherwise meanwhile; from here to the launch nothing can come between.
    if (instance === undefined || instance.removing !== undefined) return
    if (fault !== undefined) census.ended({ instance: id, class: 'invalid', message: `${id} was not launched: ${fault}` })
    else run(instance)
  }

  function run(instance: InstanceRecord): void {
    const { id, release } = instance
    const settings = settingsOf(release)
    const log = logFile(paths.logs, id)
    census.began(id)
    const identity = launch({
      claim: claimOf(paths, id),
      command: settings.command,
      folder: join(paths.images, imageOf(book, release)),
      environment: environmentOf(instance, settings),
      log,
      onExit(code, signal) {
        census.ended(deathOf(id, code, signal, log))
        onChange()
      },
    })
    census.began(id, identity)
  }

  return () => {
    for (const { instance } of instancesOf(book.state)) {
      const { id, process, removing } = instance
      if (process !== undefined || removing !== undefined || launching.has(id) || census.knows(id)) continue
      launching.add(id)
      void start(instance)
        .catch(({ message }: Error) =>
          census.ended({ instance: id, class: 'transient', message: `${id} was not launched: ${message}` }),
        )
        .finally(() => {
          launching.delete(id)
          onChange()
        })
    }
  }
}

function environmentOf(instance: InstanceRecord, settings: LaunchSettings): Record<string, string> {
  return { PATH: searchPath(), TMPDIR: tmpdir(), ...settings.env, PORT: String(instance.port), INSTANCE_ID: instance.id }
}

/** The shell's own words for a program that may not be run, or is not there. */
const SHELL_CODES: Readonly<Record<number, string>> = { 126: 'its command cannot be executed', 127: 'its command was not found' }

function deathOf(instance: string, code: number | null, signal: NodeJS.Signals | null, log: string): Death {
  const shell = SHELL_CODES[code ?? 0]
  const how = signal !== null ? `was ended by ${signal}` : code === null ? 'could not be started' : `exited with code ${code}`
  const why = shell !== undefined ? `: ${shell}` : saysPortInUse(log) ? ': a port was in use' : ''
  return {
    instance,
    class: shell === undefined ? 'transient' : 'invalid',
    message: `${instance} ${how}${why}; its log is ${log}`,
  }
}

function imageOf(book: Book, release: string): string {
  return book.state.releases[release]?.image.id ?? ''
}

function find(book: Book, id: string): InstanceRecord | undefined {
  for (const one of instancesOf(book.state)) if (one.instance.id === id) return one.instance
  return undefined
}
