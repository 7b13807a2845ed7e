import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canary, clone, createImago } from 'imago'
import { local, localBalancer } from 'imago/local'
import { sqlite } from 'imago/stores/sqlite'
import type { Site } from './site.ts'

/** A fleet as the configuration of the examples knows it, and a canary that somebody has started and nobody drives. */
export interface Shop {
  readonly rolloutId: string
  /** What the fleet answers now. */
  answer(): Promise<string>
  /** What is known of the rollout, read from the store. */
  outcome(): Promise<string>
  /** Ends the fleet and deletes its home. */
  close(): Promise<void>
}

/** Brings the fleet up and starts the rollout. */
export async function openShop({ folder, after }: Site): Promise<Shop> {
  const home = join(folder, 'home')
  const cloud = local({ home })
  after(() => cloud.destroy())
  const image = async (version: string) => {
    const dir = join(folder, version)
    await mkdir(dir)
    const listen = `.listen(process.env.PORT, '127.0.0.1')`
    await writeFile(join(dir, 'server.cjs'), `require('node:http').createServer((_, to) => to.end('${version}'))${listen}`)
    const { ref } = await cloud.images.import(dir)
    await rm(dir, { recursive: true })
    return ref
  }
  await cloud.groups.create({
    name: 'web',
    image: await image('one'),
    size: 2,
    command: ['node', 'server.cjs'],
    health: { path: '/', interval: '100ms' },
  })
  const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
  const connect = () => createImago({ store: sqlite({ path: join(home, 'rollouts.db') }), providers: { here: cloud } })
  await using imago = connect()
  const traffic = localBalancer(cloud, { name: 'web' })
  const web = imago.fleet('web', { provider: 'here', groups: clone({ adopt: 'web' }), traffic })
  const plan = await web.plan({ image: await image('two'), strategy: canary({ weights: [50], bake: '1s' }) })
  const { id } = await web.start(plan, { by: 'ci' })
  return {
    rolloutId: id,
    answer: async () => await (await fetch(address)).text(),
    async outcome() {
      await using reader = connect()
      return (await (await reader.rollout(id)).report()).outcome
    },
    close: () => cloud.destroy(),
  }
}
