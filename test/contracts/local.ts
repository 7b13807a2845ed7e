import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { local, localBalancer, localMetrics, tag, type LocalCloud } from '../../providers/local/index.ts'
import { formatImageRef } from '../../src/core/image.ts'
import type { ContractImages, FleetContractOptions, FleetWanted, RoutedSite } from '../../src/testing/contracts/fleet/site.ts'
import type { MetricContractOptions } from '../../src/testing/contracts/metrics/site.ts'
import { call, fleet, until } from '../local/support.ts'

const LAUNCH = {
  command: ['node', 'server.mjs'],
  health: { path: '/health', interval: '50ms', timeout: '2s', startup: '60s' },
  stop: { graceMs: 5_000 },
} as const

/** A cloud of real processes for all tests of one file; it is destroyed after them. */
export async function localCloud(): Promise<LocalCloud> {
  const home = await mkdtemp(join(tmpdir(), 'imago-'))
  const cloud = local({ home })
  afterAll(async () => {
    await cloud.destroy()
    await rm(home, { recursive: true, force: true })
  })
  return cloud
}

interface LocalSite extends RoutedSite {
  readonly address: string
}

/** What the suites for providers and routers are told about a local cloud: each test has a group and an address of its own in it. */
export async function localOptions(cloud: LocalCloud): Promise<FleetContractOptions<LocalSite>> {
  const images = await importImages(cloud)
  let fleets = 0
  return { images, send, create: (wanted) => createSite(cloud, images, wanted, `f${++fleets}`) }
}

async function send({ address }: LocalSite, count: number): Promise<readonly string[]> {
  const answered: string[] = []
  while (answered.length < count) {
    const response = await fetch(address)
    await response.text()
    answered.push(response.headers.get('x-instance') ?? `nobody (${response.status})`)
  }
  return answered
}

/** What the suite for metric sources is told: a group without errors, one in which every other request fails, and one that nobody asks. */
export function localMetricOptions(cloud: LocalCloud, image: string): MetricContractOptions {
  const dead = 'a daemon that is dead or silent is replaced by the next question'
  let addresses: Promise<readonly string[]> | undefined
  return {
    unknownQuery: 'no-such-query',
    cannot: { failing: dead, silent: dead },
    async create() {
      addresses ??= createAsked(cloud, image)
      // An even number, so that one half is one half.
      for (const address of await addresses) for (let count = 0; count < 4; count++) await (await fetch(address)).text()
      const about = (group: string) => ({ query: 'error-rate', subject: { group, binding: group, release: 'r-1' } })
      return {
        source: localMetrics(cloud),
        known: [
          { ...about('sound'), value: 0 },
          { ...about('faulty'), value: 0.5 },
        ],
        quiet: about('idle'),
      }
    },
  }
}

/** @returns where the groups that are asked can be reached. */
async function createAsked(cloud: LocalCloud, image: string): Promise<readonly string[]> {
  for (const [name, share] of [
    ['sound', '0'],
    ['faulty', '0.5'],
    ['idle', '0'],
  ] as const)
    await cloud.groups.create({ name, image, size: 1, ...LAUNCH, env: { FAIL_SHARE: share } })
  const services = await Promise.all(
    ['sound', 'faulty', 'idle'].map((name) => cloud.balancers.create({ name, listen: { port: 0 }, group: name })),
  )
  // Until somebody is in, requests fail, and would be counted.
  for (const name of ['sound', 'faulty'])
    await until(`${name} is in its route`, async () => {
      const { routing } = await localBalancer(cloud, { name }).look(fleet(), call())
      return Object.values(routing.instances).some((one) => one.state === 'in')
    })
  return services.map((one) => one.address).slice(0, 2)
}

async function createSite(
  cloud: LocalCloud,
  { stable }: ContractImages,
  { size, min, max }: FleetWanted,
  group: string,
): Promise<LocalSite> {
  await cloud.groups.create({ name: group, image: stable, size, min, max, ...LAUNCH })
  const { address } = await cloud.balancers.create({ name: group, listen: { port: 0 }, group })
  return {
    address,
    provider: cloud,
    router: localBalancer(cloud, { name: group }),
    nowhere: localBalancer(cloud, { name: `${group}-none` }),
    binding: group,
    group,
    launch: { env: { VERSION: group } },
    async dispose() {
      await cloud.balancers.delete(group)
      for (const { id } of await cloud.groups.list())
        if (id === group || id.startsWith(`${group}-`)) await cloud.groups.delete(id)
    },
  }
}

/** The web image, the same with another label, one that never answers well and one that ends at once. */
async function importImages(cloud: LocalCloud): Promise<ContractImages> {
  const stable = await importImage(cloud, {})
  const other = await importImage(cloud, { 'release.txt': '2' }, 'web:latest')
  const unhealthy = await importImage(cloud, {
    'server.mjs':
      "import { createServer } from 'node:http'\ncreateServer((_, response) => response.writeHead(503).end()).listen(process.env.PORT, '127.0.0.1')\n",
  })
  const crashing = await importImage(cloud, { 'server.mjs': 'process.exit(1)\n' })
  const missing = `local:sha256-${'0'.repeat(64)}`
  return { stable, other, unhealthy, crashing, missing, malformed: 'no image', alias: { name: tag('web:latest'), image: other } }
}

async function importImage(cloud: LocalCloud, files: Readonly<Record<string, string>>, name?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'imago-image-'))
  try {
    await cp(fileURLToPath(new URL('../fixtures/images/web', import.meta.url)), folder, { recursive: true })
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
    return formatImageRef((await cloud.images.import(folder, name === undefined ? {} : { tag: name })).ref)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
