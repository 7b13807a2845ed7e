import type { FleetProvider, Release, TrafficRouter } from 'imago'
import type { Ports } from 'imago/testing'
import type { Purposes } from '../wire/sent-by.ts'
import type { Names } from './truth.ts'

/** Ports of a process whose every call says what it is made for, and from whose looks names are learnt. */
export function learningPorts(
  names: Names,
  { provider, router }: { readonly provider: FleetProvider; readonly router: TrafficRouter },
  purposes: Purposes,
): Ports {
  const { updater, ...rest } = provider
  const learn = (release: Release) => void names.releases.set(release.image.id, release.id)
  const learning: FleetProvider = {
    ...rest,
    async resolve(target, request, context) {
      const resolved = await provider.resolve(target, request, context)
      // Other settings are asked for by who is refused: they are never launched, and their release has the same image.
      if (request.launch === undefined) learn(resolved.release)
      return resolved
    },
    async describe(target, context) {
      const look = await provider.describe(target, context)
      names.fleet = look.fleet
      Object.values(look.releases).forEach(learn)
      return look
    },
  }
  return {
    provider: { ...purposes.of(learning), ...(updater === undefined ? {} : { updater: purposes.of(updater) }) },
    router: purposes.of(router),
  }
}
