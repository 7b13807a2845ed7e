import { defineConfig } from 'vitest/config'
import { runSeed } from './tools/seed.ts'
import { subpaths } from './tools/subpaths.ts'

export default defineConfig({
  resolve: { alias: [...subpaths].map(([name, source]) => ({ find: new RegExp(`^${name}$`), replacement: source })) },
  test: {
    include: ['test/**/*.test.ts'],
    // One more than the cores of a small machine: many tests wait for processes of their own.
    maxWorkers: 3,
    // imago has no global state, so files need no process each: it halves the time of the small ones.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    env: { IMAGO_SEED: String(runSeed()) },
  },
})
