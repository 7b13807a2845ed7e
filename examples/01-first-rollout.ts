// A fleet of three processes on this machine, and a new image rolled through it by canary. Leaves nothing behind.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canary, clone, createImago } from 'imago'
import { local, localBalancer } from 'imago/local'
import { sqlite } from 'imago/stores/sqlite'

const home = await mkdtemp(join(tmpdir(), 'imago-first-'))
const cloud = local({ home })

// Elsewhere an image is an AMI; here it is a folder. Both answer /health, and say which version they are.
async function image(version: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'image-'))
  const server = `import { createServer } from 'node:http'
    createServer((_, answer) => answer.end('${version}')).listen(process.env.PORT, '127.0.0.1')`
  await writeFile(join(folder, 'server.mjs'), server)
  const { ref } = await cloud.images.import(folder)
  await rm(folder, { recursive: true })
  return ref.id
}

const imago = createImago({ store: sqlite({ path: join(home, 'rollouts.db') }), providers: { here: cloud } })
const web = imago.fleet('web', {
  provider: 'here',
  groups: clone({ adopt: 'web' }),
  traffic: localBalancer(cloud, { name: 'web' }),
})

try {
  const command = ['node', 'server.mjs']
  await cloud.groups.create({
    name: 'web',
    image: await image('one'),
    size: 3,
    command,
    health: { path: '/health', interval: '200ms' },
  })
  const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })

  const plan = await web.plan({ image: await image('two'), strategy: canary({ weights: [34, 67], bake: '2s' }) })
  console.log(String(plan)) // nothing was touched yet

  const rollout = await web.start(plan, { by: 'me' }) // journals, touches nothing: anyone may drive it now
  rollout.on('traffic.shifted', (event) => console.log('traffic', event.weights))
  const report = await rollout.run() // drives it; ends when the fleet really is there
  console.log(report.outcome, 'and the fleet answers', await (await fetch(address)).text())
  if (report.outcome !== 'promoted') process.exitCode = 1
} finally {
  await imago.close()
  await cloud.destroy()
  await rm(home, { recursive: true, force: true })
}
