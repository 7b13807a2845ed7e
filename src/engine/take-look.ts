import type { Probe } from '../core/plan.ts'
import type { FleetProvider, FleetTarget, TrafficRouter } from '../core/ports.ts'
import type { At, FleetSnapshot, HandleView, InstanceView, ProviderLook } from '../core/snapshot.ts'
import { askHttp, isYes } from './ask-http.ts'
import { bounded, LOOK_DEADLINE_MS } from './deadline.ts'
import type { Runtime } from './runtime.ts'

/** What is needed to look at a fleet. */
export interface Watched {
  readonly target: FleetTarget
  readonly provider: FleetProvider
  /** The name under which it is registered. */
  readonly providerName: string
  readonly router: TrafficRouter | undefined
  readonly probes: readonly Probe[]
}

/** How many probes are under way at once. */
const PROBES_AT_ONCE = 32

/**
 * One whole look: provider, router and probes. If any part failed there is no snapshot.
 *
 * @param handles the id of the command that each open handle belongs to.
 * @throws RolloutError `call-failed`.
 */
export async function takeLook(
  runtime: Runtime,
  watched: Watched,
  now: At,
  handles: ReadonlyMap<string, string>,
  signal: AbortSignal | undefined,
): Promise<FleetSnapshot> {
  const { provider, router } = watched
  const target = handles.size === 0 ? watched.target : { ...watched.target, handles: [...handles.keys()] }
  return await bounded(runtime.system.clock, LOOK_DEADLINE_MS, signal, 'look', async (within) => {
    const context = { signal: within, token: '' }
    const [groups, traffic] = await Promise.all([
      runtime.caller.call(
        { port: 'provider', target: watched.providerName, name: 'describe', times: 3 },
        () => provider.describe(target, context),
        within,
      ),
      router === undefined
        ? undefined
        : runtime.caller.call(
            { port: 'router', target: router.kind, name: 'look', times: 3 },
            () => router.look(target, context),
            within,
          ),
    ])
    const probes = watched.probes.length === 0 ? NO_ANSWERS : await askAll(runtime, watched.probes, groups, within)
    const snapshot = { ...groups, handles: byCommand(groups.handles, handles), probes, beganAt: now }
    return traffic === undefined ? snapshot : { ...snapshot, traffic }
  })
}

const NO_ANSWERS: FleetSnapshot['probes'] = Object.freeze({})
const NO_HANDLES: ProviderLook['handles'] = Object.freeze({})

/** Core knows commands, not the clouds' names for them. */
function byCommand(seen: ProviderLook['handles'], handles: ReadonlyMap<string, string>): Readonly<Record<string, HandleView>> {
  if (handles.size === 0) return NO_HANDLES
  const result: Record<string, HandleView> = {}
  for (const [handle, command] of handles) {
    const view = seen[handle]
    if (view !== undefined) result[command] = view
  }
  return result
}

async function askAll(runtime: Runtime, probes: readonly Probe[], look: ProviderLook, signal: AbortSignal) {
  const answers: Record<string, boolean> = {}
  const waiting = look.groups.flatMap((group) =>
    group.instances.filter((instance) => instance.state === 'healthy').map((instance) => ({ group, instance })),
  )
  const worker = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { group, instance } = next
      const said = await Promise.all(probes.map((probe) => ask(runtime, probe, group.id, instance, signal)))
      answers[instance.id] = said.every(Boolean)
    }
  }
  await Promise.all(Array.from({ length: Math.min(PROBES_AT_ONCE, waiting.length) }, worker))
  return answers
}

/** A probe that fails, or does not answer in time, says no. */
async function ask(runtime: Runtime, probe: Probe, group: string, instance: InstanceView, signal: AbortSignal): Promise<boolean> {
  try {
    return await bounded(runtime.system.clock, probe.timeoutMs, signal, 'probe', (within) =>
      runtime.caller.call(
        { port: 'probe', target: probe.kind === 'http' ? 'http' : probe.name, name: 'ask', times: 1 },
        () => answered(runtime, probe, group, instance, within),
        within,
      ),
    )
  } catch {
    // Why it failed is published with the call; for the instance's health it is a no.
    return false
  }
}

async function answered(
  runtime: Runtime,
  probe: Probe,
  group: string,
  instance: InstanceView,
  signal: AbortSignal,
): Promise<boolean> {
  const endpoint = instance.address === undefined ? {} : { endpoint: instance.address }
  if (probe.kind === 'http') return isYes(await askHttp(probe, endpoint, { signal }))
  const check = runtime.checks[probe.name]
  return (await check?.({ ...endpoint, group, release: instance.release, key: `probe/${instance.id}`, signal })) === true
}
