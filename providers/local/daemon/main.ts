import { existsSync, rmSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { imageVerifier } from '../images/store.ts'
import { dropOldClaims } from '../instances/launch.ts'
import { tidyLogs } from '../instances/logs.ts'
import { signalGroup } from '../instances/process.ts'
import { readTemplate } from '../launch/templates.ts'
import type { LaunchSettings } from '../launch/settings.ts'
import { tryLock, type HeldLock } from '../lock.ts'
import { makeFolders, pathsOf, type LocalPaths } from '../paths.ts'
import { openBook, type Book } from './book.ts'
import { createCensus } from './census.ts'
import { createKeeper } from './keeper.ts'
import { createLauncher } from './launcher.ts'
import { createProber } from './prober.ts'
import { createPublisher } from './publisher.ts'
import { createRemover } from './remover.ts'
import { listen } from './server.ts'
import { instancesOf } from './state.ts'
import { createSupervisor } from './supervisor.ts'
import type { World } from './world.ts'

/** Another daemon has this home. */
const EXIT_NOT_THE_ONLY_ONE = 3
/** A daemon that has just been told to end may hold the lock a little longer. */
const LOCK_WITHIN_MS = 5_000
/** With nothing to look after and nobody asking, a daemon ends. */
const IDLE_AFTER_MS = 60_000
const TIDY_EVERY_MS = 30_000

const { home } = parseArgs({ options: { home: { type: 'string' } } }).values
await serve(pathsOf(home ?? '')).catch((fault: unknown) => {
  console.error(fault)
  // The client that waits for this daemon tells its user the last line.
  console.error(fault instanceof Error ? fault.message : String(fault))
  process.exit(1)
})

async function serve(paths: LocalPaths): Promise<void> {
  process.umask(0o077)
  makeFolders(paths)
  const lock = await lockWithin(paths.daemonLock, LOCK_WITHIN_MS)
  if (lock === undefined) {
    console.error(`Another daemon holds ${paths.daemonLock}, and does not end.`)
    process.exit(EXIT_NOT_THE_ONLY_ONE)
  }
  const { world, census, run } = assemble(paths)
  await census.adopt()
  await world.keeper.adopt()
  let calledAt = world.now()
  await listen(world, () => (calledAt = world.now()))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => world.quit())
  flushCompileCache()
  setInterval(() => tidy(paths, world), TIDY_EVERY_MS)
  setInterval(() => void endIfIdle(world, calledAt), IDLE_AFTER_MS / 4)
  await run()
}

function assemble(paths: LocalPaths) {
  const book = openBook(paths.state)
  const now = () => Date.now()
  const settingsOf = settingsReader(paths, book)
  const verify = imageVerifier(paths)
  const wake = () => supervisor.wake()
  const common = { book, paths, settingsOf, now, onChange: wake }
  const census = createCensus(book, paths, now)
  const launchNew = createLauncher({ ...common, census, verify })
  const prober = createProber(common)
  const keeper = createKeeper(common)
  const publisher = createPublisher(book, paths, now)
  const remove = createRemover({ ...common, publisher })
  const supervisor = createSupervisor({
    ...common,
    census,
    launchNew,
    prober,
    keeper,
    publisher,
    remove,
    onLost: () => endAbandoned(paths, book),
  })
  const world: World = { book, paths, keeper, publisher, prober, settingsOf, verify, now, wake, quit: () => quit(paths) }
  return { world, census, run: () => supervisor.run() }
}

/** The instances and the balancer stay; the lock goes with the process. The answer under way goes out first. */
function quit(paths: LocalPaths): void {
  rmSync(paths.daemonSocket, { force: true })
  setTimeout(() => process.exit(0), 50)
}

/** Without a home nothing that runs could ever be found again, so it ends; without a socket alone, another daemon takes over. */
function endAbandoned(paths: LocalPaths, book: Book): void {
  const isGone = !existsSync(paths.home)
  for (const { instance } of instancesOf(book.state))
    if (isGone && instance.process !== undefined) signalGroup(instance.process, 'SIGKILL')
  process.exit(0)
}

async function endIfIdle({ book, keeper, paths, now }: World, calledAt: number): Promise<void> {
  const isEmpty = Object.keys(book.state.groups).length === 0 && Object.keys(book.state.services).length === 0
  if (!isEmpty || now() - calledAt < IDLE_AFTER_MS) return
  await keeper.stop()
  quit(paths)
}

function tidy(paths: LocalPaths, { book, now }: World): void {
  const living = new Set([...instancesOf(book.state)].map((one) => one.instance.id))
  tidyLogs(paths.logs, new Set([...living, 'daemon', 'balancer']))
  dropOldClaims(paths.claims, new Set([...living, book.state.balancer?.claim ?? '']), now())
}

/** Settings never change under their digest, so each is read once. */
function settingsReader(paths: LocalPaths, book: Book): (release: string) => LaunchSettings {
  const known = new Map<string, LaunchSettings>()
  return (release) => {
    const launch = book.state.releases[release]?.launch ?? ''
    const settings = known.get(launch) ?? readTemplate(paths.templates, launch)
    known.set(launch, settings)
    return settings
  }
}

async function lockWithin(file: string, ms: number): Promise<HeldLock | undefined> {
  for (const until = Date.now() + ms; ;) {
    const lock = await tryLock(file)
    if (lock !== undefined || Date.now() > until) return lock
    await sleep(50)
  }
}
