/** Weights of one forward action by the ARN of the target group, 0 to 999, relative to each other. */
export type NativeWeights = ReadonlyMap<string, number>

/** Weights of a fleet are percent: AWS's own need not sum to anything. */
export const UNITS = 100
/** Elastic Load Balancing takes no larger one. */
const HIGHEST = 999

/**
 * How a forward shares a fleet's part of the traffic, in units that sum to {@link UNITS}, or to 0 where the fleet has none of it. Whoever has
 * a weight has one unit at least: a target group that gets requests never looks as if it got none.
 *
 * @param foreign target groups of other people, which have a part of their own.
 */
export function sharesOf(weights: NativeWeights, foreign: ReadonlySet<string>): Map<string, number> {
  const own = [...weights].filter(([arn]) => !foreign.has(arn))
  return new Map([...own.map(([arn]) => [arn, 0] as const), ...divide(UNITS, new Map(own))])
}

/**
 * The weights that share a fleet's part anew and leave other people's target groups the part that they have.
 *
 * @param wanted units by the ARN of the fleet's target groups.
 * @returns `undefined` where the fleet's part is too small beside the others to be shared like this by whole weights of at most 999.
 */
export function nativeWeights(
  now: NativeWeights,
  wanted: NativeWeights,
  foreign: ReadonlySet<string>,
): NativeWeights | undefined {
  const { part, others } = scaled(now, foreign)
  const own = divide(part, wanted)
  const native = new Map([...[...wanted.keys()].map((arn) => [arn, 0] as const), ...own, ...others])
  const shares = sharesOf(native, foreign)
  return sum(own.values()) === part && [...wanted].every(([arn, units]) => shares.get(arn) === units) ? native : undefined
}

/** Whether every percent of a fleet's part can be told by whole weights. */
export function isDivisible(now: NativeWeights, foreign: ReadonlySet<string>): boolean {
  return scaled(now, foreign).part >= UNITS
}

/** The sum that a fleet's weights are to have, and the weights of the others beside it: in the proportion that they have now. */
function scaled(now: NativeWeights, foreign: ReadonlySet<string>): { readonly part: number; readonly others: NativeWeights } {
  const others = new Map([...now].filter(([arn]) => foreign.has(arn)))
  const part = sum(now.values()) - sum(others.values())
  if (sum(others.values()) === 0) return { part: UNITS, others }
  const common = [...others.values()].reduce(greatestCommonDivisor, part)
  const most = Math.floor(HIGHEST / (Math.max(part, ...others.values()) / common))
  // Two of the fleet's may have more between them than one can have: then the nearest proportion is what there is.
  if (most === 0) return { part: HIGHEST, others: mapped(others, (one) => atLeastOne(one, (one * HIGHEST) / part)) }
  const whole = UNITS / greatestCommonDivisor(UNITS, part / common)
  const times = Math.min(most, whole) / common
  return { part: Math.round(part * times), others: mapped(others, (one) => Math.round(one * times)) }
}

/** Whole numbers that sum to a total, in the proportion of these weights: what is left over goes where most was cut off, in the order of ARNs. */
function divide(total: number, weights: NativeWeights): Map<string, number> {
  const all = sum(weights.values())
  const parts = [...weights]
    .filter(([, weight]) => weight > 0)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([arn, weight]) => ({
      arn,
      exact: (weight * total) / all,
      given: atLeastOne(weight, Math.floor((weight * total) / all)),
    }))
  const lacking = (one: (typeof parts)[number]) => one.exact - one.given
  let left = total - sum(parts.map((one) => one.given))
  for (; left > 0 && parts.length > 0; left--) parts.reduce((a, b) => (lacking(b) > lacking(a) ? b : a)).given++
  const spare = () => parts.filter((one) => one.given > 1)
  for (; left < 0 && spare().length > 0; left++) spare().reduce((a, b) => (lacking(b) < lacking(a) ? b : a)).given--
  return new Map(parts.map(({ arn, given }) => [arn, given]))
}

function atLeastOne(weight: number, part: number): number {
  return weight === 0 ? 0 : Math.max(1, Math.round(part))
}

function mapped(weights: NativeWeights, to: (weight: number) => number): NativeWeights {
  return new Map([...weights].map(([arn, weight]) => [arn, to(weight)]))
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const one of numbers) total += one
  return total
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
