const whole = process.env['IMAGO_SHARE'] === 'whole'

/** How long a test may take that goes through a share. */
export const SHARE_MS = whole ? 14_400_000 : 120_000

/** One of so many, beginning somewhere else with each commit. The deep tests run every file that takes a share, and there it is all of them. */
export function share<Item>(all: readonly Item[], ofSoMany: number): readonly Item[] {
  const first = Number(process.env['IMAGO_SEED']) % ofSoMany
  return whole ? all : all.filter((_, index) => index % ofSoMany === first)
}
