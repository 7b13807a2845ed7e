// One step of a pipeline: plan, start, approve or run. Each may be in a job, and on a machine, of its own.
import { readFile, writeFile } from 'node:fs/promises'
import { blueGreen } from 'imago'
import { imago, web } from './07-ci-config.ts'

const [step, given = ''] = process.argv.slice(2)
const by = process.env['GITHUB_ACTOR'] ?? 'ci'

/** What each step does, and what it says. */
const steps: Readonly<Record<string, () => Promise<string>>> = {
  // On the pull request: the table is for whoever reviews it, the file for the job that starts it once it is merged.
  async plan() {
    const plan = await web.plan({ image: given, strategy: blueGreen({ promotion: 'manual', bake: '10s' }) })
    await writeFile('plan.json', JSON.stringify(plan))
    return plan.toString()
  },
  // Looks again, and refuses when the fleet is not any more what the plan was made for.
  start: async () => (await web.start(await readFile('plan.json', 'utf8'), { by })).id,
  async approve() {
    await (await imago.rollout(given)).approve('promotion', { by })
    return `${by} approved`
  },
  // Drives it until it has ended, or until this job has done its part: the next one goes on.
  async run() {
    const rollout = await imago.rollout(given)
    rollout.onAny((event) => console.log(event.type))
    const waiting = new AbortController()
    rollout.on('approval.requested', () => waiting.abort())
    const { outcome, next } = await rollout.run({ signal: waiting.signal })
    if (outcome !== 'promoted' && !waiting.signal.aborted) process.exitCode = 1
    return `${outcome}: ${next}`
  },
}

const run = steps[step ?? '']
if (run === undefined) throw new Error(`a step is one of ${Object.keys(steps).join(', ')}, not ${step}`)
try {
  console.log(await run())
} finally {
  await imago.close()
}
