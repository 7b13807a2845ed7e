import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { At } from '../../../src/core/snapshot.ts'
import { searchPath } from '../images/obstacles.ts'
import { claimFate, dropClaim, launch, takeClaim } from '../instances/launch.ts'
import { logFile, saysPortInUse } from '../instances/logs.ts'
import { isRunning, signalGroup, type ProcessIdentity } from '../instances/process.ts'
import type { LaunchSettings } from '../launch/settings.ts'
import type { LocalPaths } from '../paths.ts'
import type { Book } from './book.ts'
import { bury, type Death } from './bury.ts'
import { instancesOf, type InstanceRecord } from './state.ts'

/** What the runner needs. */
export interface RunnerOptions {
  readonly book: Book
  readonly paths: LocalPaths
  settingsOf(release: string): LaunchSettings
  /** Why an image must not be launched. */
  verify(image: string): Promise<string | undefined>
  now(): At
  /** Something ended or was started. */
  onChange(): void
}

/** Starts the instances that were decided on, and notices when they end. */
export interface Runner {
  /** Finds again what an earlier daemon started. Once, before anything else. */
  adopt(): Promise<void>
  /** Starts what was decided on and is not yet started. */
  launchNew(): void
  /** Stores who was started and takes those that ended out of their groups. */
  settle(): void
}

/** Makes a runner that has started nothing yet. */
export function createRunner(options: RunnerOptions): Runner {
  const { book, paths } = options
  const claimOf = (id: string) => join(paths.claims, `${id}.pid`)
  /** Children of this process: their end is told to it. */
  const children = new Set<string>()
  const launching = new Set<string>()
  const started = new Map<string, ProcessIdentity>()
  const ended = new Map<string, Death>()

  async function adopt(): Promise<void> {
    for (const { instance } of instancesOf(book.state)) {
      if (instance.process !== undefined) continue
      const fate = await claimFate(claimOf(instance.id), sleep)
      if (typeof fate === 'object') started.set(instance.id, fate)
      else ended.set(instance.id, { ...unseen(instance.id), blameless: fate === 'never-started' })
    }
    settle()
  }

  async function start({ id, release }: InstanceRecord): Promise<void> {
    const fault = await options.verify(book.state.releases[release]?.image.id ?? '')
    const instance = find(book, id)
    // It may have been decided otherwise meanwhile; from here to the launch nothing can come between.
    if (instance === undefined || instance.removing !== undefined) return
    if (fault !== undefined) ended.set(id, { instance: id, class: 'invalid', message: `${id} was not launched: ${fault}` })
    else run(instance)
  }

  function run(instance: InstanceRecord): void {
    const { id, release } = instance
    const settings = options.settingsOf(release)
    children.add(id)
    const identity = launch({
      claim: claimOf(id),
      command: settings.command,
      folder: join(paths.images, book.state.releases[release]?.image.id ?? ''),
      environment: environmentOf(instance, settings),
      log: logFile(paths.logs, id),
      onExit(code, signal) {
        ended.set(id, { instance: id, ...deathOf(id, code, signal, logFile(paths.logs, id)) })
        options.onChange()
      },
    })
    if (identity !== undefined) started.set(id, identity)
  }

  function noticeAdopted(): void {
    for (const { instance } of instancesOf(book.state)) {
      const { id, process, removing } = instance
      if (ended.has(id) || started.has(id) || launching.has(id)) continue
      if (process === undefined) {
        if (removing !== undefined && takeClaim(claimOf(id))) ended.set(id, unseen(id))
      } else if (!children.has(id) && !isRunning(process)) {
        ended.set(id, unseen(id))
      }
    }
  }

  function settle(): void {
    noticeAdopted()
    if (started.size === 0 && ended.size === 0) return
    const gone = [...ended.values()]
    const buried = book.change((draft) => {
      for (const { instance } of instancesOf(draft)) {
        const process = started.get(instance.id)
        if (process !== undefined) instance.process = process
      }
      return gone.map((death) => bury(draft, death, options.now()))
    })
    started.clear()
    for (const instance of buried) if (instance !== undefined) cleanUp(instance)
    for (const { instance } of gone) ended.delete(instance)
  }

  /** What the dead one had started in its group goes with it. The claim of one that never ran stays: its shell may come late. */
  function cleanUp({ id, process }: InstanceRecord): void {
    children.delete(id)
    if (process === undefined) return
    signalGroup(process, 'SIGKILL')
    dropClaim(claimOf(id))
  }

  function launchNew(): void {
    for (const { instance } of instancesOf(book.state)) {
      const { id } = instance
      if (instance.process !== undefined || instance.removing !== undefined) continue
      if (launching.has(id) || children.has(id) || started.has(id) || ended.has(id)) continue
      launching.add(id)
      void start(instance)
        .catch((fault: Error) =>
          ended.set(id, { instance: id, class: 'transient', message: `${id} was not launched: ${fault.message}` }),
        )
        .finally(() => {
          launching.delete(id)
          options.onChange()
        })
    }
  }

  return { adopt, launchNew, settle }
}

function environmentOf(instance: InstanceRecord, settings: LaunchSettings): Record<string, string> {
  return { PATH: searchPath(), TMPDIR: tmpdir(), ...settings.env, PORT: String(instance.port), INSTANCE_ID: instance.id }
}

function unseen(id: string): Death {
  return { instance: id, class: 'transient', message: `${id} ended, and no daemon was there to see how` }
}

/** The shell's own words for a program that is not there, or may not be run. */
const SHELL_CODES: Readonly<Record<number, string>> = { 126: 'its command cannot be executed', 127: 'its command was not found' }

function deathOf(id: string, code: number | null, signal: NodeJS.Signals | null, log: string): Pick<Death, 'class' | 'message'> {
  if (code !== null && code in SHELL_CODES)
    return { class: 'invalid', message: `${id} exited with code ${code}: ${SHELL_CODES[code]}; its log: ${log}` }
  const how = signal !== null ? `was ended by ${signal}` : code === null ? 'could not be started' : `exited with code ${code}`
  const port = saysPortInUse(log) ? ', because a port was in use' : ''
  return { class: 'transient', message: `${id} ${how}${port}; its log: ${log}` }
}

function find(book: Book, id: string): InstanceRecord | undefined {
  for (const one of instancesOf(book.state)) if (one.instance.id === id) return one.instance
  return undefined
}
