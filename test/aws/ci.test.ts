import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { pace } from 'imago/testing'
import { expect, onTestFinished, test } from 'vitest'
import { createBucket } from '../../src/testing/object-store/bucket.ts'
import { root } from '../../tools/subpaths.ts'
import { serveS3 } from '../stores/s3/server.ts'
import { NEW, setUpFleet } from './fleet.ts'
import { leftovers } from './rolling.ts'
import { createSite } from './site.ts'

const execute = promisify(execFile)

test('a pipeline plans, starts, approves and goes on, each step in a process of its own with nothing but the bucket', async () => {
  const site = await createSite({ beginsAt: Date.now() - WARM_UP_MS, bootMs: 10_000 })
  const { listener } = await setUpFleet(site)
  await site.owner.elb.modifyTargetGroupAttributes({
    TargetGroupArn: [...site.account.targetGroups.keys()][0]!,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '1' }],
  })
  const since = site.world.now
  const step = await pipeline(site.endpoint, listener, { since, now: () => site.world.now })
  const ends = new AbortController()
  onTestFinished(() => ends.abort())
  void pace(site.world, { speed: SPEED, signal: ends.signal })

  expect(await step('plan', NEW)).toContain(`to    ami:eu-west-1/${NEW}  as web-v001`)
  const rollout = (await step('start')).trim()
  expect(rollout).toMatch(/^aws:123456789012\/eu-west-1\/.*#\d+$/)
  expect(await step('run', rollout)).toMatch(/approval\.requested\n(?:.*\n)*unfinished: /)
  expect(await step('approve', rollout)).toBe('ana approved\n')
  expect(await step('run', rollout)).toMatch(/traffic\.shifted\n(?:.*\n)*promoted: /)
  expect(leftovers(site)).toEqual([])
  expect([...site.account.instances.values()].map((one) => one.image)).toEqual([NEW, NEW, NEW])
}, 120_000)

test('the workflow gives every step that the program has, in its order', async () => {
  const workflow = await readFile(join(root, 'examples/07-github-actions.yml'), 'utf8')
  const given = [...workflow.matchAll(/07-ci-step\.ts (\w+)/g)].map(([, step]) => step)
  expect(given).toEqual(['plan', 'start', 'run', 'approve', 'run'])
})

/** For the fleet to be up, on the world's own time. */
const WARM_UP_MS = 120_000

/** By how much the world and every process in it are hurried: the steps' own time is what then remains. */
const SPEED = 8

/** Runs steps of the example, each in a new process, in one folder. */
async function pipeline(aws: string, listener: string, { since, now }: { since: number; now: () => number }) {
  const bucket = await serveS3(createBucket({ name: 'journals', now }))
  const folder = await mkdtemp(join(tmpdir(), 'imago-ci-'))
  onTestFinished(async () => {
    await bucket.close()
    await rm(folder, { recursive: true })
  })
  const env = {
    PATH: process.env['PATH'],
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'a secret of nobody',
    AWS_ENDPOINT_URL: aws,
    AWS_ENDPOINT_URL_S3: bucket.endpoint,
    JOURNALS: 'journals',
    LISTENER: listener,
    GITHUB_ACTOR: 'ana',
    HURRIED_SINCE: `${since}`,
    HURRIED_BY: `${SPEED}`,
  }
  const preloaded = ['tools/source.mjs', 'test/aws/hurried.ts'].flatMap((file) => [
    '--import',
    pathToFileURL(join(root, file)).href,
  ])
  return async (...given: string[]) => {
    const program = [...preloaded, join(root, 'examples/07-ci-step.ts'), ...given]
    const { stdout } = await execute(process.execPath, program, { cwd: folder, env, timeout: 60_000 })
    return stdout
  }
}
