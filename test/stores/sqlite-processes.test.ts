import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { sqlite } from '../../src/stores/sqlite.ts'
import { readAll } from '../../src/testing/contracts/store/kit.ts'
import { testFolder } from './folder.ts'

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))

/** A process that appends and says what was acknowledged. */
function startWriter(path: string, name: string) {
  const child = spawn(process.execPath, [WRITER, path, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  // What follows the last line's end was cut off by the kill.
  const acknowledged = () => text.split('\n').slice(0, -1)
  return { child, acknowledged }
}

async function killed(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

/** Until each of them was told so many times that its entry is there. */
async function haveAcknowledged(writers: readonly { acknowledged(): string[] }[], count: number): Promise<void> {
  const fewest = () => Math.min(...writers.map((writer) => writer.acknowledged().length))
  await expect.poll(fewest, { timeout: 20_000, interval: 5 }).toBeGreaterThan(count)
}

test('everything that a killed process was told it had appended is there', async () => {
  const path = join(testFolder(), 'rollouts.db')
  for (const name of ['first', 'second']) {
    const writer = startWriter(path, name)
    await haveAcknowledged([writer], 20)
    await killed(writer.child)
    await expectAll(path, writer.acknowledged())
  }
})

test('processes that make one database and append at the same places share the log, each place once', async () => {
  const path = join(testFolder(), 'rollouts.db')
  const writers = Array.from({ length: 20 }, (_, index) => startWriter(path, `w${index}`))
  await haveAcknowledged(writers, 5)
  await Promise.all(writers.map((writer) => killed(writer.child)))
  const told = writers.flatMap((writer) => writer.acknowledged())
  expect(new Set(told.map((line) => line.split(' ')[0])).size).toBe(told.length)
  await expectAll(path, told)
})

/** Each line says which entry stands where; an entry more at the end is one whose acknowledgement was not heard. */
async function expectAll(path: string, lines: readonly string[]): Promise<void> {
  const store = sqlite({ path })
  const entries = await readAll(store, 'fleet/web')
  await store.close()
  const there = new Set(entries.map((entry, index) => `${index + 1} ${entry['name'] as string}`))
  expect(lines.filter((line) => !there.has(line))).toEqual([])
}
