import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { local } from 'imago/local'
import { expect, test, type TestContext } from 'vitest'
import { root } from '../../tools/subpaths.ts'

const run = promisify(execFile)

test('after close nothing keeps the process alive, whatever was under way', { timeout: 120_000 }, async (context) => {
  const site = await openSite(context)
  const { stdout } = await site.run(`
    import { mkdir, writeFile } from 'node:fs/promises'
    import { canary, clone, createImago } from 'imago'
    import { local, localBalancer, localMetrics } from 'imago/local'
    const cloud = local({ home: 'home' })
    const image = async (name) => {
      await mkdir(name)
      await writeFile(name + '/server.mjs', \`import { createServer } from 'node:http'
        createServer((_, answer) => answer.end('\${name}')).listen(process.env.PORT, '127.0.0.1')\`)
      return (await cloud.images.import(name)).ref
    }
    await cloud.groups.create({ name: 'web', image: await image('one'), size: 1, command: ['node', 'server.mjs'] })
    await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
    const imago = createImago({ providers: { here: cloud }, metrics: { balancer: localMetrics(cloud) } })
    const web = imago.fleet('web', { provider: 'here', groups: clone({ adopt: 'web' }), traffic: localBalancer(cloud, { name: 'web' }) })
    const metrics = [{ source: 'balancer', query: 'error-rate', must: { op: '<', value: 0.5 } }]
    const strategy = canary({ weights: [50], bake: '1h', analysis: { metrics, interval: '200ms' } })
    const rollout = await web.start(await web.plan({ image: await image('two'), strategy }))
    let heard = 0
    rollout.onAny(() => void heard++)
    const running = rollout.run()
    const following = Array.fromAsync(rollout.events())
    const shifted = Promise.withResolvers()
    rollout.on('traffic.shifted', shifted.resolve)
    await shifted.promise
    imago.tick().catch(() => undefined)
    web.describe().catch(() => undefined) // it is let go of like the rest
    await imago.close()
    const [report, events] = await Promise.all([running, following])
    const timers = process.getActiveResourcesInfo().filter((one) => one === 'Timeout' || one === 'Immediate')
    console.log(JSON.stringify({ outcome: report.outcome, followed: events.length > 0 && heard > 0, timers }))
  `)
  expect(JSON.parse(stdout)).toEqual({ outcome: 'unfinished', followed: true, timers: [] })
})

test('without a store, journals are in the user’s state folder, and nothing is there before the first call', async (context) => {
  const site = await openSite(context)
  const { stdout } = await site.run(`
    import { existsSync } from 'node:fs'
    import { clone, createImago } from 'imago'
    import { local } from 'imago/local'
    const imago = createImago({ providers: { here: local({ home: 'home' }) } })
    imago.fleet('web', { provider: 'here', groups: clone({ adopt: 'web' }) })
    console.log(existsSync('state'), existsSync('home'))
    await imago.tick()
    await imago.close()
  `)
  expect(stdout).toBe('false false\n')
  expect(await readdir(join(site.folder, 'state', 'imago'))).toContain('rollouts.db')
  expect((await stat(join(site.folder, 'state', 'imago', 'rollouts.db'))).mode & 0o777).toBe(0o600)
})

/** A folder in which programs run to their own end; the local cloud in it is gone after the test. */
async function openSite({ onTestFinished }: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'imago-'))
  onTestFinished(async () => {
    await local({ home: join(folder, 'home') }).destroy()
    await rm(folder, { recursive: true, force: true })
  })
  const env = { PATH: process.env['PATH'], TMPDIR: folder, XDG_STATE_HOME: join(folder, 'state') }
  const hook = pathToFileURL(join(root, 'tools/source.mjs')).href
  return {
    folder,
    // A process that does not end by itself is killed in the end, and the test fails.
    run: (program: string) =>
      run(process.execPath, ['--import', hook, '--input-type=module', '-e', program], { cwd: folder, env, timeout: 90_000 }),
  }
}
