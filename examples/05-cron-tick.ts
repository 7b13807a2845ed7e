// One line of a crontab: gives every rollout that is due one turn, and ends. All that it knows is in the store.
import { formatDuration } from 'imago'
import { imago } from './05-cron-config.ts'

const { turns, skipped, wakeAt } = await imago.tick({ budget: '20s' })
for (const { rolloutId, done } of turns) console.log(`${rolloutId} had a turn${done ? ' and has ended' : ''}`)
for (const { fleet, message } of skipped) console.log(`${fleet} had none: ${message}`)
// Whoever starts this may be as lazy: before this moment nothing changes but what people ask for.
console.log(wakeAt === undefined ? 'nothing under way' : `due in ${formatDuration(Math.max(0, wakeAt - Date.now()))}`)
await imago.close()
