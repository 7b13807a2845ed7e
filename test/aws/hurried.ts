// Preloaded into a process: from the moment `HURRIED_SINCE` on, its clock runs `HURRIED_BY` times as fast, and its timers with it.
const since = Number(process.env['HURRIED_SINCE'])
const by = Number(process.env['HURRIED_BY'])
const [now, monotonic, later] = [Date.now, performance.now.bind(performance), setTimeout]

Date.now = () => since + (now() - since) * by
performance.now = () => monotonic() * by
// Only what is waited for by a program's own `setTimeout`: Node's inner timers are none of its business.
globalThis.setTimeout = Object.assign(
  ((call: () => void, ms = 0, ...given: []) => later(call, ms / by, ...given)) as typeof setTimeout,
  { __promisify__: later.__promisify__ },
)
