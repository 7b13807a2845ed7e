import { rolloutError, type Problem } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import { namesOf, type Named, type Naming } from '../core/names-of.ts'
import type { Strategy } from '../strategies/strategy.ts'
import type { Runtime } from './runtime.ts'

/** @throws RolloutError `name-unknown` when a plan names a check or a metric source that this process does not have. */
export function refuseMissing(runtime: Runtime, plan: Naming): void {
  for (const { kind, name } of namesOf(plan)) known(kind, name, registered(runtime, kind))
}

/** The same as problems of a spec, each with the place in it where the name was written. */
export function missingProblems(
  runtime: Runtime,
  strategy: Strategy,
  plan: Pick<Naming, 'health' | 'drain'> & Partial<Pick<Naming, 'waypoints' | 'back'>>,
): Problem[] {
  const problems = new Map<string, Problem>()
  const named: Named[] = [
    ...strategy.checks.map((name) => ({ kind: 'check', name, path: 'strategy' }) as const),
    ...strategy.sources.map((name) => ({ kind: 'metric source', name, path: 'strategy' }) as const),
    ...namesOf({ waypoints: [], back: [], ...plan }),
  ]
  for (const { kind, name, path } of named) {
    const things = registered(runtime, kind)
    if (Object.hasOwn(things, name) || problems.has(`${kind} ${name}`)) continue
    const at = path.startsWith('strategy') ? (placeOf(name, strategy.options, 'strategy') ?? path) : path
    const allowed = Object.keys(things).join(', ') || `a registered ${kind}; none is`
    problems.set(`${kind} ${name}`, { path: at, found: JSON.stringify(name), allowed })
  }
  return [...problems.values()]
}

/** Something that this process has under a name. @throws RolloutError `name-unknown`. */
export function known<T>(kind: string, name: string, things: Readonly<Record<string, T>>): T {
  const thing = Object.hasOwn(things, name) ? things[name] : undefined
  if (thing === undefined) throw unknown(kind, name, Object.keys(things))
  return thing
}

/** What is said of a name that this process does not have. */
export function unknown(kind: string, name: string, names: readonly string[]) {
  const message = `This process has no ${kind} named "${name}"; it has: ${names.join(', ') || 'none'}.`
  return rolloutError('name-unknown', message, { kind, name, known: names })
}

function registered(runtime: Runtime, kind: Named['kind']): Readonly<Record<string, unknown>> {
  return kind === 'check' ? runtime.checks : runtime.metrics
}

/** Where options say a name. */
function placeOf(name: string, options: unknown, path: string): string | undefined {
  if (options === name) return path
  if (Array.isArray(options)) return firstOf(options.map((one, index) => placeOf(name, one, `${path}[${index}]`)))
  if (!isObject(options)) return undefined
  return firstOf(Object.entries(options).map(([key, one]) => placeOf(name, one, `${path}.${key}`)))
}

function firstOf(places: readonly (string | undefined)[]): string | undefined {
  return places.find((place) => place !== undefined)
}
