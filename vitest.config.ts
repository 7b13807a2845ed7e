import { defineConfig } from 'vitest/config'
import { runSeed } from './tools/seed.ts'
import { subpaths } from './tools/subpaths.ts'

export default defineConfig({
  resolve: { alias: [...subpaths].map(([name, source]) => ({ find: new RegExp(`^${name}$`), replacement: source })) },
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: 2,
    // imago has no global state, so files need no process each: it halves the time of the small ones.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    env: { IMAGO_SEED: String(runSeed()) },
  },
})
