/** Chance that can be repeated: the same seed gives the same numbers. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number
  /** Whether something of this probability happens. Nothing is drawn for 0 and 1. */
  chance(probability: number): boolean
  /** One of the items; `undefined` when there are none. */
  pick<Item>(items: readonly Item[]): Item | undefined
  /** A stream of its own: what is drawn from it changes nothing here. */
  fork(name: string): Random
}

/** Makes a stream (sfc32) from a seed and a name. */
export function createRandom(seed: number, name = ''): Random {
  const next = sfc32(splitmix32(mix(seed >>> 0, name)))
  return {
    next,
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => probability > 0 && (probability >= 1 || next() < probability),
    pick: (items) => items[Math.floor(next() * items.length)],
    fork: (child) => createRandom(seed, `${name}/${child}`),
  }
}

function sfc32(word: () => number): () => number {
  let [a, b, c, counter] = [word(), word(), word(), 1]
  const next = () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 0x1_0000_0000
  }
  // The first numbers still look like the seed.
  for (let round = 0; round < 12; round++) next()
  return next
}

function splitmix32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return mixed ^ (mixed >>> 15)
  }
}

/** A number that differs with the seed and with every letter of the name (FNV-1a). */
function mix(seed: number, name: string): number {
  // Seeds are small numbers one after the other, and so are letters: spread first, or two pairs of them would meet.
  let hash = splitmix32(seed)()
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  return hash
}
