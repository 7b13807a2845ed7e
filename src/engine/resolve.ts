import { isRolloutError, type Problem } from '../core/errors.ts'
import { checkImageRef, formatImageRef, isImageAlias } from '../core/image.ts'
import type { Plan } from '../core/plan.ts'
import type { ReleaseRequest, ResolvedRelease } from '../core/ports.ts'
import { bounded, LOOK_DEADLINE_MS } from './deadline.ts'
import type { Declared, Registry } from './registry.ts'
import type { Runtime } from './runtime.ts'

/** Whom a resolution is asked of. */
export interface Asked {
  readonly runtime: Runtime
  readonly registry: Registry
  readonly fleet: Declared
  readonly id: string
  readonly signal: AbortSignal | undefined
}

/** What a request comes to, or why this image cannot be had. */
export type Resolution =
  | { readonly resolved: ResolvedRelease; readonly problem?: undefined }
  | { readonly resolved?: undefined; readonly problem: Problem }

/** What a request comes to, and what stands against launching it. @throws RolloutError `call-failed`, `image-invalid`. */
export async function resolveNow(asked: Asked, request: ReleaseRequest): Promise<ResolvedRelease> {
  const { runtime, registry, fleet, id, signal } = asked
  const { image, ...rest } = request
  const provider = registry.providerOf(fleet)
  // A text may be a bare id and an alias is the provider's own: only a reference can be judged from here.
  const given = typeof image === 'object' && !isImageAlias(image) ? checkImageRef(image, provider.schemes) : image
  const checked = given === undefined ? rest : { ...rest, image: given }
  return await bounded(runtime.system.clock, LOOK_DEADLINE_MS, signal, 'resolve', (within) =>
    runtime.caller.call(
      { port: 'provider', target: fleet.provider, name: 'resolve', times: 3 },
      () => provider.resolve(registry.target(fleet, id), checked, { signal: within, token: '' }),
      within,
    ),
  )
}

/** The same; an image that is malformed or not there is a fault of what was asked. @throws RolloutError `call-failed` for all else. */
export async function tryResolve(asked: Asked, request: ReleaseRequest): Promise<Resolution> {
  try {
    return { resolved: await resolveNow(asked, request) }
  } catch (error) {
    const gone = isRolloutError(error, 'call-failed') && error.facts.class === 'not-found'
    if (!gone && !isRolloutError(error, 'image-invalid')) throw error
    return { problem: { path: 'image', found: error.message, allowed: 'an image that is there' } }
  }
}

/** How the image of a plan differs from what it was: withdrawn, no longer to be launched here, or another release with these settings. */
export async function imageDifferences(asked: Asked, plan: Plan): Promise<readonly Problem[]> {
  const { image, candidate, stable } = plan
  const { launch, base = stable.release } = plan.asked
  const { resolved, problem } = await tryResolve(asked, { image, base, ...(launch === undefined ? {} : { launch }) })
  const allowed = `${formatImageRef(image)} as it was`
  if (resolved === undefined) return [{ ...problem, allowed }]
  if (resolved.obstacles.length > 0) return resolved.obstacles.map((found) => ({ path: 'image', found, allowed }))
  const { release } = resolved
  return release.id === candidate.release.id
    ? []
    : [{ path: 'candidate.release', found: release.id, allowed: candidate.release.id }]
}
