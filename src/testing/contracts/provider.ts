import type { Can, ProviderFacts } from '../../core/snapshot.ts'
import { FleetBench } from './fleet/bench.ts'
import { given, providerFactsOf, where, withFleet, withLossyFleet, type FleetTest } from './fleet/declare.ts'
import type { FleetContractOptions } from './fleet/site.ts'
import type { Harness } from './harness.ts'
import { aliasTests, keptTests, resolveTests } from './provider/resolve.ts'
import { crashTests, unhealthyTests } from './provider/failures.ts'
import { cloneTests } from './provider/clones.ts'
import { claimTests, holdTests, minimumTests } from './provider/holds.ts'
import { inPlaceTests } from './provider/in-place.ts'
import { letGoTests, lookedAwayTests } from './provider/let-go.ts'
import { lossTests } from './provider/losses.ts'
import { handleTests, lookTests } from './provider/looks.ts'
import { readOnlyTests } from './provider/read-only.ts'
import { removeTests, retireTests } from './provider/removals.ts'
import { conditionalTests, resizeTests } from './provider/sizes.ts'
import { slotTests } from './provider/slots.ts'
import { updaterTests } from './provider/updater.ts'

/**
 * Declares the tests that every `FleetProvider` must pass: each sentence of the port is one of them or more.
 *
 * Looks at a fleet first: what its facts say no to is shown as skipped, with the reason.
 */
export async function providerContract(harness: Harness, options: FleetContractOptions): Promise<void> {
  const facts = await providerFactsOf(options)
  const test: FleetTest<FleetBench> = (name, body, wanted = {}) =>
    harness.it(name, () => withFleet(options, wanted, (site) => body(new FleetBench(options, site, facts))))
  harness.describe('a fleet provider', () => {
    harness.describe('its looks', () => lookTests(test))
    harness.describe('resolving', () => resolveTests(test))
    harness.describe('letting go of looks', () => lookedAwayTests(test))
    where(harness, 'mutable names', given(options.images.alias, 'the site names no alias'), () => aliasTests(test))
    const { changes = { can: true } } = facts
    where(harness, 'changes', changes, () => {
      changing(harness, test)
      perhaps(harness, options, facts, test)
    })
    if (!changes.can) harness.describe('changes that are asked for all the same', () => readOnlyTests(test))
  })
}

/** What every fleet can do that can be changed. */
function changing(harness: Harness, test: FleetTest<FleetBench>): void {
  harness.describe('accepting', () => handleTests(test))
  harness.describe('launch settings', () => keptTests(test))
  harness.describe('sizes', () => resizeTests(test))
  harness.describe('removing', () => removeTests(test))
  harness.describe('holds', () => {
    holdTests(test)
    minimumTests(test)
  })
  harness.describe('letting go of changes', () => letGoTests(test))
}

/** What not every fleet can do, and not every site can show. */
function perhaps(harness: Harness, options: FleetContractOptions, facts: ProviderFacts, test: FleetTest<FleetBench>): void {
  const { images } = options
  where(harness, 'groups of clones', facts.clone, () => {
    cloneTests(test)
    claimTests(test)
    retireTests(test)
  })
  where(harness, 'lost answers', given(options.createLossy, 'the site cannot lose answers'), () =>
    lossTests((name, landing, body) =>
      harness.it(name, () =>
        withLossyFleet(options, landing, (site) => body(new FleetBench(options, site, facts), () => site.recover())),
      ),
    ),
  )
  where(harness, 'slots', facts.slots, () => slotTests(test))
  where(harness, 'in place', facts.inPlace, () => inPlaceTests(test))
  where(harness, "the cloud's own updater", facts.native, () => updaterTests(test))
  where(harness, 'conditional sizes', facts.conditional, () => conditionalTests(test))
  const unhealthy = given(images.unhealthy, 'the site has no image whose instances never become healthy')
  const sees: Can = facts.health.length > 0 ? unhealthy : { can: false, why: 'a group here has no source of health of its own' }
  where(harness, 'instances that never become healthy', sees, () => unhealthyTests(test))
  const crashing = given(images.crashing, 'the site has no image whose instances end as they start')
  where(harness, 'instances that end', crashing, () => crashTests(test))
}
