// A strategy of one's own: it chooses waypoints, and driving, the way back and the report come with them.
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backByWeights, bake, clone, createImago, defineStrategy, healthy, terms, verify, waypoint, type Shape } from 'imago'
import { local, localBalancer } from 'imago/local'
import { sqlite } from 'imago/stores/sqlite'

const shape = (share: number, stable: 'serving' | 'retired'): Shape => ({
  generations: {
    stable: { size: { kind: 'at-least', share: 1 }, state: stable },
    candidate: { size: { kind: 'at-least', share: share / 100 }, state: 'serving' },
  },
  routing: { by: 'weights', weights: { stable: 100 - share, candidate: share } },
})
const leap = defineStrategy({
  name: 'leap',
  version: 1,
  options: { peek: 10 },
  needs: 'weights',
  checks: ['smoke'],
  plan({ peek }, context) {
    const given = terms(context, {}) // deadlines and limits, from what the provider says of itself
    const last = { reversible: 'rebuild', onDeadline: 'pause' } as const
    const first = [healthy(given), verify('smoke'), bake('1s')]
    const waypoints = [
      waypoint('peek', `${peek} % of the traffic`, shape(peek, 'serving'), first, given),
      waypoint('leap', 'all of it at once', shape(100, 'serving'), [healthy(given), bake('1s')], given),
      waypoint('retire-stable', 'stable retired', shape(100, 'retired'), [], given, last),
    ]
    return { waypoints, back: backByWeights(given), notes: ['A fault that needs load shows late.'] }
  },
})

const home = await mkdtemp(join(tmpdir(), 'imago-own-'))
const cloud = local({ home })
const smoke = async ({ endpoint = '' }) => (await (await fetch(endpoint)).text()) === 'two'
const imago = createImago({ store: sqlite({ path: join(home, 'log.db') }), providers: { here: cloud }, checks: { smoke } })
const traffic = localBalancer(cloud, { name: 'web' })
const web = imago.fleet('web', { provider: 'here', groups: clone({ adopt: 'web' }), traffic })

async function image(version: string): Promise<string> {
  const listen = `.listen(process.env.PORT, '127.0.0.1')`
  const server = `require('node:http').createServer((_, answer) => answer.end('${version}'))${listen}`
  const folder = await mkdtemp(join(home, 'image-'))
  await writeFile(join(folder, 'server.cjs'), server)
  return (await cloud.images.import(folder)).ref.id
}
try {
  await cloud.groups.create({ name: 'web', image: await image('one'), size: 2, command: ['node', 'server.cjs'] })
  await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
  console.log(String(await web.plan({ image: await image('two'), strategy: leap })))
  const report = await web.roll({ image: await image('two'), strategy: leap }) // plans, starts, drives; throws unless promoted
  console.log(`${report.strategy}: ${report.outcome} by way of ${report.waypoints.map((one) => one.id).join(', ')}`)
} finally {
  await imago.close()
  await cloud.destroy() // with its home, in which everything of this example lies
}
