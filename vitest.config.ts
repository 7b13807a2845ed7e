import { defineConfig } from 'vitest/config'
import { runSeed } from './tools/seed.ts'
import { subpaths } from './tools/subpaths.ts'

export default defineConfig({
  resolve: { alias: [...subpaths].map(([name, source]) => ({ find: new RegExp(`^${name}$`), replacement: source })) },
  test: {
    include: ['test/**/*.test.ts'],
    // Of a third of the time tests wait for real processes: two processors are busy with three workers.
    maxWorkers: 3,
    // imago has no global state, so files need no process each: it halves the time of the small ones.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    env: { IMAGO_SEED: String(runSeed()) },
  },
})
