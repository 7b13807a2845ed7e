import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { rolloutError } from '../../src/core/errors.ts'

/** Where the parts of one local cloud lie. */
export interface LocalPaths {
  readonly home: string
  /** Desired state: one JSON file, replaced as a whole. */
  readonly state: string
  readonly images: string
  readonly tags: string
  readonly templates: string
  /** One file a launch, in which the launched process leaves its pid. */
  readonly claims: string
  readonly logs: string
  /** Compiled code of the daemon and the balancer. */
  readonly codeCache: string
  readonly daemonLog: string
  /** Held by the kernel for as long as the daemon lives. */
  readonly daemonLock: string
  /** Held by the client that is starting a daemon. */
  readonly startLock: string
  /** Owner-only folder of the sockets. */
  readonly run: string
  readonly daemonSocket: string
  readonly balancerSocket: string
}

/** The system's limit is 103 bytes on macOS and 107 on Linux. */
const SOCKET_PATH_BYTES = 100

/** Where a local cloud lives when nobody says otherwise: the user's state folder. */
export function defaultHome(): string {
  const state = process.env['XDG_STATE_HOME']
  return join(state === undefined || state === '' ? join(homedir(), '.local', 'state') : state, 'imago', 'local')
}

/** The layout of a home. Touches nothing. */
export function pathsOf(homeFolder: string): LocalPaths {
  const home = resolve(homeFolder)
  const run = runFolder(home)
  return {
    home,
    state: join(home, 'state.json'),
    images: join(home, 'images'),
    tags: join(home, 'tags'),
    templates: join(home, 'templates'),
    claims: join(home, 'claims'),
    logs: join(home, 'logs'),
    codeCache: join(home, 'code-cache'),
    daemonLog: join(home, 'logs', 'daemon.log'),
    daemonLock: join(home, 'daemon.lock'),
    startLock: join(home, 'start.lock'),
    run,
    daemonSocket: join(run, 'daemon.sock'),
    balancerSocket: join(run, 'balancer.sock'),
  }
}

/** Makes the folders, for the owner only. @throws RolloutError `host-unfit` when one of them is somebody else's. */
export function makeFolders(paths: LocalPaths): void {
  for (const folder of [paths.home, paths.images, paths.tags, paths.templates, paths.claims, paths.logs, paths.run]) own(folder)
}

function own(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== userInfo().uid) {
    const why = `${folder} is not a folder of this user`
    throw rolloutError('host-unfit', `${why}; give another one: local({ home }).`, { why })
  }
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700)
}

function runFolder(home: string): string {
  const inside = join(home, 'run')
  if (Buffer.byteLength(join(inside, 'balancer.sock')) <= SOCKET_PATH_BYTES) return inside
  const digest = createHash('sha256').update(home).digest('hex').slice(0, 12)
  return join(tmpdir(), `imago-${userInfo().uid}-${digest}`)
}
