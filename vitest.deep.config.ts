import { defineConfig, mergeConfig } from 'vitest/config'
import shared from './vitest.config.ts'

// What takes longer than a person waits: all seeds, all crash points, kills. `npm test` draws a share of each from IMAGO_SEED.
export default mergeConfig(
  { ...shared, test: { ...shared.test, include: [] } },
  defineConfig({
    test: { include: ['test/deep/**/*.deep.ts'], testTimeout: 3_600_000, hookTimeout: 600_000 },
  }),
)
