// The same as a function that is called by a schedule: what is made outside of the handler is kept between two calls.
import { join, resolve } from 'node:path'
import { clone, createImago } from 'imago'
import { local, localBalancer } from 'imago/local'
import { sqlite } from 'imago/stores/sqlite'

/** What the platform says of a call. */
type Call = Readonly<Record<'getRemainingTimeInMillis', () => number>>

/** Kept free to answer in, and for the turn that was begun just before the budget was used up. */
const RESERVE_MS = 5_000

const home = resolve(process.env['IMAGO_HOME'] ?? '.imago')
const cloud = local({ home })
const imago = createImago({ store: sqlite({ path: join(home, 'rollouts.db') }), providers: { here: cloud } })
imago.fleet('web', { provider: 'here', groups: clone({ adopt: 'web' }), traffic: localBalancer(cloud, { name: 'web' }) })

/** Between two calls the process may be frozen or gone: a tick leaves no timer, no lease and nothing to remember. */
export async function handler(_event: unknown, call: Call) {
  const leftMs = call['getRemainingTimeInMillis']()
  // Shortly before the end calls are let go of: their outcome is unknown, and the next turn finds out.
  const signal = AbortSignal.timeout(Math.max(0, leftMs - RESERVE_MS / 5))
  return await imago.tick({ budget: Math.max(0, leftMs - RESERVE_MS), signal })
}
