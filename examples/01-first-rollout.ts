// A fleet of three processes on this machine, and a new image rolled through it by canary. Leaves nothing behind.
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canary, clone, createImago } from 'imago'
import { local, localBalancer, localMetrics } from 'imago/local'
import { sqlite } from 'imago/stores/sqlite'

const home = await mkdtemp(join(tmpdir(), 'imago-first-'))
const cloud = local({ home })

// Elsewhere an image is a machine image; here it is a folder, named by the digest of what is in it.
async function image(version: string): Promise<string> {
  const server = `import { createServer } from 'node:http'
    createServer((_, answer) => answer.end('${version}')).listen(process.env.PORT, '127.0.0.1')`
  const folder = await mkdtemp(join(home, 'image-'))
  await writeFile(join(folder, 'server.mjs'), server)
  return (await cloud.images.import(folder)).ref.id
}

const imago = createImago({
  store: sqlite({ path: join(home, 'rollouts.db') }),
  providers: { here: cloud },
  metrics: { balancer: localMetrics(cloud) },
})
const web = imago.fleet('web', {
  provider: 'here',
  groups: clone({ adopt: 'web' }),
  traffic: localBalancer(cloud, { name: 'web' }),
})
const errorRate = { source: 'balancer', query: 'error-rate', must: { op: '<', value: 0.01 } } as const
const analysis = { metrics: [errorRate], interval: '1s', count: 2, deadline: '30s' } as const
let visits: NodeJS.Timeout | undefined
try {
  await cloud.groups.create({
    name: 'web',
    image: await image('one'),
    size: 3,
    command: ['node', 'server.mjs'],
    health: { path: '/health', interval: '200ms' },
  })
  const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
  // Somebody to judge it by; the balancer counts what was answered.
  visits = setInterval(
    () =>
      void fetch(address)
        .then((answer) => answer.text())
        .catch(String),
    50,
  )

  const plan = await web.plan({ image: await image('two'), strategy: canary({ weights: [25, 50], bake: '1s', analysis }) })
  console.log(plan.toString()) // nothing was touched yet

  const rollout = await web.start(plan, { by: 'me' }) // journals, touches nothing: anyone may drive it now
  rollout.on('traffic.shifted', (event) => console.log('traffic', event.weights))
  rollout.on('analysis.judged', (event) => console.log(event.waypoint, event.gate, event.verdict))
  const report = await rollout.run() // drives it; ends when the fleet really is there
  console.log(`${report.outcome}: ${report.next}. The fleet answers "${await (await fetch(address)).text()}".`)
  if (report.outcome !== 'promoted') process.exitCode = 1
} finally {
  clearInterval(visits)
  await imago.close()
  await cloud.destroy() // with its home, in which everything of this example lies
}
