import { defineConfig } from 'vitest/config'

// The package as its users get it: these tests import nothing from the sources, and want `npm run build` first.
export default defineConfig({
  test: { include: ['test/package/*.packed.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
})
