import type { FleetProvider, FleetTarget } from 'imago'
import { expect } from 'vitest'

/**
 * Looks at a fleet of one group side by side and one after the other, and lets go of some of the looks: those fail, and the others see the
 * group. Two of what they ask for should have been asked.
 */
export async function lettingGo({ describe }: FleetProvider, target: FleetTarget): Promise<void> {
  const look = ({ signal } = new AbortController()) => describe(target, { signal, token: 't' })
  const letGo = new AbortController()
  const [left, stayed] = [look(letGo), look()]
  letGo.abort()
  await expect(left).rejects.toMatchObject({ facts: { class: 'unknown' } })
  expect((await stayed).groups).toHaveLength(1)
  const again = new AbortController()
  const gone = look(again)
  again.abort()
  const next = look()
  await expect(gone).rejects.toMatchObject({ facts: { class: 'unknown' } })
  expect((await next).groups).toHaveLength(1)
}
