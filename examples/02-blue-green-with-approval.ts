// Blue/green that waits for a person before it switches. The answer may come from any process that shares the store.
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blueGreen, clone, createImago } from 'imago'
import { local, localBalancer } from 'imago/local'
import { sqlite } from 'imago/stores/sqlite'

const home = await mkdtemp(join(tmpdir(), 'imago-approval-'))
const cloud = local({ home })

async function image(version: string): Promise<string> {
  const server = `import { createServer } from 'node:http'
    createServer((_, answer) => answer.end('${version}')).listen(process.env.PORT, '127.0.0.1')`
  const folder = await mkdtemp(join(home, 'image-'))
  await writeFile(join(folder, 'server.mjs'), server)
  return (await cloud.images.import(folder)).ref.id
}

// Two of them, as two processes would each have one: they share the store and the cloud, and nothing else.
const connect = () => createImago({ store: sqlite({ path: join(home, 'rollouts.db') }), providers: { here: cloud } })
const driver = connect()
const chat = connect()

try {
  const command = ['node', 'server.mjs']
  await cloud.groups.create({
    name: 'web',
    image: await image('one'),
    size: 2,
    command,
    health: { path: '/', interval: '200ms' },
  })
  const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })

  const traffic = localBalancer(cloud, { name: 'web' })
  const web = driver.fleet('web', { provider: 'here', groups: clone({ adopt: 'web' }), traffic })
  const plan = await web.plan({ image: await image('two'), strategy: blueGreen({ promotion: 'manual', bake: '1s' }) })
  const rollout = await web.start(plan, { by: 'ci', reason: 'release two' })

  rollout.on('approval.requested', async ({ gate, expiresAt, then }) => {
    console.log(`${gate} is asked for until ${new Date(expiresAt).toISOString()}, else ${then}`)
    // Here a person would try the candidate, which runs at full size and has no traffic yet.
    const same = await chat.rollout(rollout.id)
    await same.approve(gate, { by: 'ana', comment: 'looks good' })
  })
  rollout.on('gate.approved', ({ gate, by, comment }) => console.log(`${by} approved ${gate}: ${comment ?? ''}`))
  rollout.on('traffic.shifted', ({ weights }) => console.log('traffic', weights))

  const report = await rollout.run()
  console.log(`${report.outcome}: ${report.next}. The fleet answers "${await (await fetch(address)).text()}".`)
  if (report.outcome !== 'promoted') process.exitCode = 1
} finally {
  await chat.close()
  await driver.close()
  await cloud.destroy() // with its home, in which everything of this example lies
}
