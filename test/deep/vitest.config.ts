import { globSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import everyday from '../../vitest.config.ts'

/** Everyday tests of which a commit draws a share: here they are whole. */
const shared = globSync('test/**/*.test.ts').filter((file) => readFileSync(file, 'utf8').includes("/share.ts'"))

// What takes longer than a person waits: all seeds, all crash points, kills.
export default defineConfig({
  ...everyday,
  test: {
    ...everyday.test,
    include: ['test/deep/**/*.deep.ts', ...shared],
    env: { ...everyday.test?.env, IMAGO_SHARE: 'whole' },
    testTimeout: 14_400_000,
    hookTimeout: 600_000,
  },
})
