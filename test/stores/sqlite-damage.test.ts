import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ErrorCode, RolloutError } from '../../src/core/errors.ts'
import type { RolloutStore } from '../../src/core/ports.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { readAll } from '../../src/testing/contracts/store/kit.ts'
import { testFolder } from './folder.ts'

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))

/** A store of three entries and a cell, closed; then its tables are changed by other hands. */
async function storeAfter(sql: string): Promise<RolloutStore> {
  const path = join(testFolder(), 'rollouts.db')
  const before = sqlite({ path })
  await before.append('fleet/web', 1, [{ a: 1 }, { a: 2 }, { a: 3 }])
  await before.compareAndSet('cell', undefined, 'secret')
  await before.close()
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
  return sqlite({ path })
}

async function refused(call: Promise<unknown>, code: ErrorCode): Promise<RolloutError> {
  const error = await call.then(
    (answer) => expect.fail(`answered ${JSON.stringify(answer)}`),
    (one: unknown) => one as RolloutError,
  )
  expect(error.code, error.message).toBe(code)
  return error
}

test.for([
  ['whose content was changed', `update entries set body = '{"a":9}' where seq = 2`],
  ['whose content was cut off', `update entries set body = '{"a' where seq = 2`],
  ['that is missing', `delete from entries where seq = 2`],
])('an entry %s is store-corrupt, with stream and sequence', async ([, sql = '']) => {
  const store = await storeAfter(sql)
  const error = await refused(store.read('fleet/web', 1), 'store-corrupt')
  expect(error.facts).toMatchObject({ stream: 'fleet/web', seq: 2 })
  expect(await store.append('fleet/other', 1, [{}])).toBe('appended')
  await store.close()
})

test('a damaged cell is store-corrupt, and the message does not show it', async () => {
  const store = await storeAfter(`update cells set value = '"secrft"'`)
  const error = await refused(store.get('cell'), 'store-corrupt')
  expect(JSON.stringify(error)).not.toMatch(/secr/)
  await store.close()
})

test('a database of a newer imago is format-newer, and left as it is', async () => {
  const store = await storeAfter('pragma user_version = 7; pragma journal_mode = delete')
  const error = await refused(store.append('fleet/web', 4, [{}]), 'format-newer')
  expect(error.facts).toMatchObject({ found: 7 })
  await refused(store.read('fleet/web', 1), 'format-newer')
  await store.close()
})

test('a file that is not a database is store-unavailable, and left as it is', async () => {
  const path = join(testFolder(), 'notes.txt')
  const text = 'Not a database. '.repeat(500)
  writeFileSync(path, text)
  const store = sqlite({ path })
  const error = await refused(store.append('fleet/web', 1, [{}]), 'store-unavailable')
  expect(error.message).toContain(path)
  expect(error.message).toContain('not a database')
  expect(readFileSync(path, 'utf8')).toBe(text)
  await store.close()
})

test('another program’s database is store-unavailable, and left as it is', async () => {
  const path = join(testFolder(), 'accounts.db')
  const other = new DatabaseSync(path)
  other.exec('create table accounts (name text); pragma user_version = 1')
  other.close()
  const before = readFileSync(path)
  const error = await refused(sqlite({ path }).append('fleet/web', 1, [{}]), 'store-unavailable')
  expect(error.message).toContain('another program')
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('a folder that cannot be made is store-unavailable', async () => {
  const folder = testFolder()
  writeFileSync(join(folder, 'file'), '')
  const error = await refused(sqlite({ path: join(folder, 'file', 'rollouts.db') }).read('fleet/web', 1), 'store-unavailable')
  expect(error.message).toContain(join(folder, 'file', 'rollouts.db'))
})

test('a folder that may not be written to is store-unavailable', async (context) => {
  if (process.getuid?.() === 0) context.skip('root may write everywhere')
  const folder = join(testFolder(), 'locked')
  mkdirSync(folder)
  chmodSync(folder, 0o500)
  await refused(sqlite({ path: join(folder, 'rollouts.db') }).append('fleet/web', 1, [{}]), 'store-unavailable')
})

test('a store that could not be opened is opened when it can be', async () => {
  const folder = testFolder()
  const path = join(folder, 'deep', 'rollouts.db')
  writeFileSync(join(folder, 'deep'), '')
  const store = sqlite({ path })
  await refused(store.read('fleet/web', 1), 'store-unavailable')
  rmSync(join(folder, 'deep'))
  expect(await store.append('fleet/web', 1, [{}])).toBe('appended')
  await store.close()
})

test('a commit that the disk did not confirm is unknown, for it may be there', async () => {
  const store = sqlite({ path: join(testFolder(), 'rollouts.db') })
  await store.append('fleet/web', 1, [{ a: 1 }])
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, sql) {
    this.prepare(sql).run()
    if (sql === 'commit') throw Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 1034 })
  })
  onTestFinished(() => exec.mockRestore())
  expect(await store.append('fleet/web', 2, [{ a: 2 }])).toBe('unknown')
  expect(await store.compareAndSet('cell', undefined, 1)).toBe('unknown')
  exec.mockRestore()
  expect(await store.read('fleet/web', 1)).toEqual([{ a: 1 }, { a: 2 }])
  expect((await store.get('cell'))?.value).toBe(1)
  await store.close()
})

test('a disk without room is store-unavailable; nothing acknowledged is lost, and it goes on when there is room', async () => {
  const path = join(testFolder(), 'rollouts.db')
  // A limit on the size of files stands for the full disk; it holds for the child alone.
  const limited = ['-c', 'ulimit -f 300 && exec "$0" "$@"', process.execPath, WRITER, path, 'limited']
  const { status, stdout, stderr } = spawnSync('sh', limited, { encoding: 'utf8', timeout: 20_000 })
  expect(status, stderr).toBe(1)
  expect(stderr).toContain(`The store ${path} cannot be used: the disk`)
  const acknowledged = stdout.trim().split('\n')
  expect(acknowledged.length).toBeGreaterThan(10)
  const store = sqlite({ path })
  const entries = await readAll(store, 'fleet/web')
  expect(entries.map((entry, index) => `${index + 1} ${entry['name'] as string}`)).toEqual(acknowledged)
  expect(await store.append('fleet/web', entries.length + 1, [{}])).toBe('appended')
  await store.close()
})
