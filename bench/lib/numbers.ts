/** The middle one. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

/** How much a line through these numbers rises from one to the next (least squares). */
export function slope(numbers: readonly number[]): number {
  const middle = (numbers.length - 1) / 2
  let [rise, run] = [0, 0]
  numbers.forEach((value, index) => {
    rise += (index - middle) * value
    run += (index - middle) ** 2
  })
  return run === 0 ? 0 : rise / run
}

/** Milliseconds of processor time that this process has used: what others do on the machine is not in it. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
