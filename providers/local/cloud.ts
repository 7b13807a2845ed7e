import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { callFailed, isRolloutError } from '../../src/core/errors.ts'
import type { ImageAlias, ImageRef } from '../../src/core/image.ts'
import type { FleetProvider } from '../../src/core/ports.ts'
import type { GroupView } from '../../src/core/snapshot.ts'
import { createClient, type LocalClient } from './client/client.ts'
import { importImage, listImages, removeTree, type ImportOptions, type StoredImage } from './images/store.ts'
import { isRunning } from './instances/process.ts'
import { releaseId } from './launch/release.ts'
import { launchDigest, parseLaunch, type LaunchOptions } from './launch/settings.ts'
import { defaultHome, pathsOf } from './paths.ts'
import type { ServiceAddress } from './protocol.ts'
import { createProvider, findImage } from './provider.ts'

/** Where a local cloud lives. */
export interface LocalOptions {
  /** Its folder, made for the owner only. @default - imago/local in the user's state folder */
  readonly home?: string
}

/** A group of processes, as infrastructure code would define it elsewhere. */
export interface GroupOptions extends LaunchOptions {
  readonly name: string
  readonly image: string | ImageRef | ImageAlias
  readonly size: number
  /** The smallest size that `groups.resize` may set. @default 0 */
  readonly min?: number
  /** The largest size that anybody may set. @default 1000 */
  readonly max?: number
  /** Names over which the instances are spread. @default - none */
  readonly zones?: readonly string[]
}

/** An address of the balancer. */
export interface BalancerOptions {
  readonly name: string
  readonly listen: {
    /** @default '127.0.0.1' */
    readonly host?: string
    /** 0 lets the system choose. */
    readonly port: number
  }
  /** The group that gets its requests, until a rollout says otherwise. */
  readonly group: string
}

/** A small cloud on this machine: a fleet provider, and what infrastructure code does elsewhere. */
export interface LocalCloud extends FleetProvider {
  readonly home: string
  readonly images: {
    /** Copies a folder into the store. @throws RolloutError `image-invalid`, `host-unfit` when the disk is full. */
    import(folder: string, options?: ImportOptions): Promise<StoredImage>
    list(): Promise<readonly StoredImage[]>
  }
  readonly groups: {
    /** Creates a group; the same definition again changes nothing. @throws RolloutError `spec-invalid`, `call-failed`. */
    create(options: GroupOptions): Promise<void>
    /** Sets the size, within the group's bounds. */
    resize(name: string, size: number): Promise<void>
    /** Deletes the group and its instances. An absent one is no error. */
    delete(name: string): Promise<void>
    list(): Promise<readonly GroupView[]>
  }
  readonly balancers: {
    /** Listens, and answers where. @throws RolloutError `call-failed` of class `invalid` when the port is taken. */
    create(options: BalancerOptions): Promise<ServiceAddress>
    /** Stops listening. An absent one is no error. */
    delete(name: string): Promise<void>
  }
  /** Ends all instances, the balancer and the daemon. Groups and addresses are gone; images, templates and logs stay. */
  shutdown(): Promise<void>
  /** The same, then deletes the home. */
  destroy(): Promise<void>
}

/** A local cloud, whose daemon is started when it is first needed and lives on by itself. Makes no I/O. */
export function local(options: LocalOptions = {}): LocalCloud {
  const client = createClient(pathsOf(options.home ?? defaultHome()))
  const { paths } = client
  const shutdown = () => shutDown(client)
  return {
    ...createProvider(client),
    home: paths.home,
    images: {
      import: (folder, more = {}) => importImage(paths, folder, more, Date.now()),
      list: () => listImages(paths),
    },
    groups: {
      create: (group) => createGroup(client, group),
      resize: async (name, size) => void (await client.write('group.resize', { name, size })),
      delete: async (name) => void (await client.write('group.delete', { name })),
      list: () => client.read('group.list', {}),
    },
    balancers: {
      create: ({ name, group, listen: { host = '127.0.0.1', port } }) =>
        client.write('service.create', { name, host, port, group }),
      delete: async (name) => void (await client.write('service.delete', { name })),
    },
    shutdown,
    async destroy() {
      await shutdown()
      await removeTree(paths.home)
      await removeTree(paths.run)
    },
  }
}

/** A client of the same cloud, for its router and its metrics. */
export function clientOf(cloud: LocalCloud): LocalClient {
  return createClient(pathsOf(cloud.home))
}

async function createGroup(client: LocalClient, options: GroupOptions): Promise<void> {
  const { name, image: wanted, size, min = 0, max = 1_000, zones = [], ...launchOptions } = options
  const settings = parseLaunch(launchOptions)
  const image = await findImage(client.paths, wanted)
  const launch = launchDigest(settings)
  const release = { id: releaseId(image, launch), image, launch }
  await client.write('group.create', { name, release, sealed: settings, size, min, max, zones })
}

async function shutDown(client: LocalClient): Promise<void> {
  if (!existsSync(client.paths.state) && !existsSync(client.paths.daemonSocket)) return
  const say = () => client.write('cloud.shutdown', {})
  // Whatever became of it when the daemon was lost over it: to say it again is harmless.
  const { daemon } = await say().catch((fault: unknown) => {
    if (isRolloutError(fault, 'call-failed') && fault.facts.class === 'unknown') return say()
    throw fault
  })
  for (const until = Date.now() + ENDS_WITHIN_MS; ; await sleep(20)) {
    if (daemon === null || !isRunning(daemon)) return
    if (Date.now() > until)
      throw callFailed('transient', 'shutdown', `The daemon ${daemon.pid} of ${client.paths.home} does not end.`)
  }
}

const ENDS_WITHIN_MS = 10_000
