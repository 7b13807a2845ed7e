/** The laws of "One direction" in the design; the fifth has four parts and reading one's own writes. */
export const LAWS: readonly string[] = ['1', '2', '3', '4', '5a', '5b', '5c', '5d', '5 reads', '6', '7', '8', '9', '10']

/** I17 is about statistics, which no gate has yet. */
export const INVARIANTS: readonly string[] = Array.from({ length: 23 }, (_, index) => `I${index + 1}`).filter(
  (one) => one !== 'I17',
)
