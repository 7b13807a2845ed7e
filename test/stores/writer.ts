import { setTimeout as pause } from 'node:timers/promises'
import { sqlite } from '../../src/stores/sqlite.ts'

// Appends until it is killed, at the end as it sees it, and says on stdout what was acknowledged: `seq name`, one a line.

const [path = '', name = ''] = process.argv.slice(2)
const store = sqlite({ path })

for (let seq = 1; ; seq++) {
  const answer = await store.append('fleet/web', seq, [{ name: `${name}.${seq}`, filling: 'x'.repeat(500) }])
  if (answer !== 'appended') continue
  process.stdout.write(`${seq} ${name}.${seq}\n`)
  // The others' turn: one that never pauses keeps the lock from them for long.
  await pause(1)
}
