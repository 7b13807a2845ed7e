import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { sqlite } from '../../src/stores/sqlite.ts'
import { storeContract } from '../../src/testing/contracts/store.ts'
import { harness } from '../contracts/harness.ts'
import { testFolder } from './folder.ts'

storeContract(harness, {
  create() {
    const path = join(testFolder(), 'rollouts.db')
    return { open: () => sqlite({ path }) }
  },
})

test('making a store touches nothing, nor does closing it unused', async () => {
  const folder = testFolder()
  await sqlite({ path: join(folder, 'deep', 'rollouts.db') }).close()
  expect(readdirSync(folder)).toEqual([])
})

test.for([true, false])('once closed it refuses every call by name and opens no file again, used before: %s', async (used) => {
  const path = join(testFolder(), 'rollouts.db')
  const store = sqlite({ path })
  if (used) await store.append('fleet/web', 1, [{}])
  await store.close()
  const before = readdirSync(dirname(path))
  const calls = [
    () => store.append('fleet/web', 2, [{}]),
    () => store.read('fleet/web', 1),
    () => store.list(''),
    () => store.now(),
    () => store.get('cell'),
    () => store.compareAndSet('cell', undefined, 1),
  ]
  for (const call of calls)
    await expect(call(), String(call)).rejects.toMatchObject({ code: 'closed', message: expect.stringContaining(path) })
  await store.close()
  expect(readdirSync(dirname(path))).toEqual(before)
})

test('folder and files are the owner’s alone', async () => {
  const folder = join(testFolder(), 'deep')
  const store = sqlite({ path: join(folder, 'rollouts.db') })
  await store.append('fleet/web', 1, [{}])
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  const files = readdirSync(folder)
  expect(files).toContain('rollouts.db-wal')
  for (const file of files) expect(statSync(join(folder, file)).mode & 0o777, file).toBe(0o600)
  await store.close()
})

test('without a path it is in the state folder of the user', async () => {
  const folder = testFolder()
  vi.stubEnv('XDG_STATE_HOME', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
  const store = sqlite()
  await store.append('fleet/web', 1, [{}])
  expect(existsSync(join(folder, 'imago', 'rollouts.db'))).toBe(true)
  await store.close()
})

test('a removed value is nowhere in the file', async () => {
  const path = join(testFolder(), 'rollouts.db')
  const store = sqlite({ path })
  await store.compareAndSet('seal', undefined, 'the-key-itself')
  const there = await store.get('seal')
  await store.compareAndSet('seal', there?.version, null)
  await store.close()
  expect(readFileSync(path).includes('the-key-itself')).toBe(false)
})
