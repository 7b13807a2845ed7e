import { defineConfig } from 'vitest/config'

// The package as its users get it: these tests import nothing of the library's sources, and want `npm run build` first.
export default defineConfig({
  test: {
    include: ['test/package/*.packed.ts'],
    globalSetup: ['test/package/install.ts'],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
