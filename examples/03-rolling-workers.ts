// Workers that nobody calls, replaced one by one in their group. Each finishes the job it is at before it goes.
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createImago, inPlace, rolling } from 'imago'
import { local } from 'imago/local'
import { sqlite } from 'imago/stores/sqlite'

const home = await mkdtemp(join(tmpdir(), 'imago-workers-'))
const ledger = join(home, 'ledger')
const cloud = local({ home })

// A worker takes a job, and another, until it is asked to drain; 202 says that it is not done yet.
const WORKER = `import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
let job, draining = false
const note = (what) => appendFileSync(process.env.LEDGER, process.env.INSTANCE_ID + ' job ' + job + ' ' + what + '\\n')
const take = () => {
  if (job !== undefined) note('done')
  job = draining ? undefined : Date.now()
  if (job !== undefined) note('begun'), setTimeout(take, 700)
}
createServer((request, answer) => {
  if (request.url === '/drain') draining = true
  answer.writeHead(draining && job !== undefined ? 202 : 200).end()
}).listen(process.env.PORT, '127.0.0.1', take)`

async function image(version: string): Promise<string> {
  const folder = await mkdtemp(join(home, 'image-'))
  await writeFile(join(folder, 'worker.mjs'), `// ${version}\n${WORKER}`)
  return (await cloud.images.import(folder)).ref.id
}

const imago = createImago({ store: sqlite({ path: join(home, 'rollouts.db') }), providers: { here: cloud } })
const workers = imago.fleet('workers', {
  provider: 'here',
  groups: inPlace('workers'), // no traffic: a worker serves by being there
  drain: { hook: { http: '/drain' }, deadline: '1m', onTimeout: 'pause' },
})

try {
  const health = { path: '/', interval: '200ms' } as const
  const launch = { command: ['node', 'worker.mjs'], env: { LEDGER: ledger }, health, stop: { graceMs: 0 } }
  await cloud.groups.create({ name: 'workers', image: await image('one'), size: 3, ...launch })

  const left = new Set<string>()
  const rollout = await workers.start(await workers.plan({ image: await image('two'), strategy: rolling({ maxSurge: 1 }) }))
  rollout.on('instance.drained', ({ instance }) => void left.add(instance))
  const report = await rollout.run()

  const jobs = (await readFile(ledger, 'utf8')).split('\n').filter((line) => left.has(line.split(' ')[0] ?? ''))
  const begun = jobs.filter((line) => line.endsWith('begun'))
  const lost = begun.filter((line) => !jobs.includes(line.replace('begun', 'done')))
  console.log(`${report.outcome}: of ${begun.length} jobs that the old workers had begun ${lost.length} were lost`)
  if (report.outcome !== 'promoted' || lost.length > 0) process.exitCode = 1
} finally {
  await imago.close()
  await cloud.destroy() // with its home, in which everything of this example lies
}
