import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { isRolloutError } from '../../src/core/errors.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { testFolder } from './folder.ts'

const SOURCE = fileURLToPath(new URL('../../src/stores/sqlite.ts', import.meta.url))

test('its module loads SQLite when it is used and not before, and says nothing on the terminal', () => {
  const program = `
    const { sqlite } = await import(process.argv[1])
    const isLoaded = () => process.moduleLoadList.includes('NativeModule sqlite')
    const before = isLoaded()
    const store = sqlite({ path: process.argv[2] })
    const made = isLoaded()
    await store.list('')
    console.log(JSON.stringify([before, made, isLoaded()]))
    await store.close()`
  const path = join(testFolder(), 'rollouts.db')
  const args = ['--input-type=module', '--eval', program, SOURCE, path]
  expect(execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' })).toBe('[false,false,true]\n')
})

test('its id is that of the database: one by every path to it, another at the same path on another machine', async () => {
  const folder = testFolder()
  const path = join(folder, 'here', 'rollouts.db')
  const idAt = async (place: string) => {
    const store = sqlite({ path: place })
    const { id } = store
    await store.close()
    expect(store.id).toBe(id)
    return id
  }
  const id = await idAt(path)
  symlinkSync(join(folder, 'here'), join(folder, 'link'))
  expect(await idAt(join(folder, 'link', 'rollouts.db'))).toBe(id)
  renameSync(join(folder, 'here'), join(folder, 'moved'))
  expect(await idAt(path)).not.toBe(id)
  expect(await idAt(join(folder, 'moved', 'rollouts.db'))).toBe(id)
})

test('its id is store-unavailable where there can be no database', () => {
  const path = join(testFolder(), 'rollouts.db')
  mkdirSync(path)
  const error = thrownBy(() => sqlite({ path }).id)
  expect(isRolloutError(error, 'store-unavailable'), String(error)).toBe(true)
})

function thrownBy(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}
