/** A controller of its own: when it is told to, it takes up a rollout and drives it to its end. Killed and started again by the tests. */
import { once } from 'node:events'
import { clone, createImago } from 'imago'
import { local, localBalancer, localMetrics } from 'imago/local'
import { sqlite } from 'imago/stores/sqlite'

const [home = '', rolloutId = ''] = process.argv.slice(2)
const cloud = local({ home })
const imago = createImago({
  store: sqlite({ path: `${home}/rollouts.db` }),
  providers: { local: cloud },
  metrics: { balancer: localMetrics(cloud) },
  lookInterval: '100ms',
})
imago.fleet('web', { provider: 'local', groups: clone({ adopt: 'web' }), traffic: localBalancer(cloud, { name: 'web' }) })

console.log('{}')
await once(process.stdin, 'data')
process.stdin.destroy()
try {
  const rollout = await imago.rollout(rolloutId)
  const report = await rollout.run()
  console.log(JSON.stringify({ outcome: report.outcome }))
} catch (error) {
  console.log(
    JSON.stringify({ error: error instanceof Error ? error.message : String(error), code: (error as { code?: string }).code }),
  )
}
await imago.close()
