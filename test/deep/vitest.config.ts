import { defineConfig } from 'vitest/config'
import everyday from '../../vitest.config.ts'

// What takes longer than a person waits: all seeds, all crash points, kills. The everyday tests draw a share of these from IMAGO_SEED.
export default defineConfig({
  ...everyday,
  test: { ...everyday.test, include: ['test/deep/**/*.deep.ts'], testTimeout: 3_600_000, hookTimeout: 600_000 },
})
