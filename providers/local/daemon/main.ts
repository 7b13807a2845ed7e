import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { imageVerifier } from '../images/store.ts'
import { dropOldClaims } from '../instances/launch.ts'
import { tidyLogs } from '../instances/logs.ts'
import { readTemplate } from '../launch/templates.ts'
import type { LaunchSettings } from '../launch/settings.ts'
import { tryLock, type HeldLock } from '../lock.ts'
import { makeFolders, pathsOf, type LocalPaths } from '../paths.ts'
import { createBalancer } from './balancer.ts'
import { openBook, type Book } from './book.ts'
import { createProber } from './prober.ts'
import { createRemover } from './remover.ts'
import { createRunner } from './runner.ts'
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
await serve(pathsOf(home ?? ''))

async function serve(paths: LocalPaths): Promise<void> {
  process.umask(0o077)
  makeFolders(paths)
  const lock = await lockWithin(paths.daemonLock, LOCK_WITHIN_MS)
  if (lock === undefined) process.exit(EXIT_NOT_THE_ONLY_ONE)
  const { world, runner, run } = assemble(paths)
  await runner.adopt()
  await world.balancer.adopt()
  let calledAt = world.now()
  await listen(world, () => (calledAt = world.now()))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => world.quit())
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
  const runner = createRunner({ book, paths, settingsOf, verify, now, onChange: wake })
  const prober = createProber({ book, settingsOf, now, onChange: wake })
  const balancer = createBalancer({ book, paths, now, onChange: wake })
  const remove = createRemover({ book, balancer, settingsOf, now })
  const supervisor = createSupervisor({
    book,
    paths,
    runner,
    prober,
    balancer,
    remove,
    settingsOf,
    now,
    onLost: () => process.exit(0),
  })
  const world: World = { book, paths, balancer, prober, settingsOf, verify, now, wake, quit: () => quit(paths) }
  return { world, runner, run: () => supervisor.run() }
}

/** The instances and the balancer stay; the lock goes with the process. The answer under way goes out first. */
function quit(paths: LocalPaths): void {
  rmSync(paths.daemonSocket, { force: true })
  setTimeout(() => process.exit(0), 50)
}

async function endIfIdle({ book, balancer, paths, now }: World, calledAt: number): Promise<void> {
  const isEmpty = Object.keys(book.state.groups).length === 0 && Object.keys(book.state.services).length === 0
  if (!isEmpty || now() - calledAt < IDLE_AFTER_MS) return
  await balancer.stop()
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
