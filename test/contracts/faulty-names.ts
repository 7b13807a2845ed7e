import type { NameRule } from '../../src/core/snapshot.ts'

type Fault = () => { readonly names: NameRule }

/** What a provider, or a router, with one fault says of names. */
export const NAMES: Readonly<Record<string, Fault>> = {
  'says that nothing may be called as it is': () => ({ names: { pattern: /^$/, allowed: 'nothing' } }),
  'knows a name only at every second asking': () => ({ names: { pattern: /^web.*$/g, allowed: 'names that begin with web' } }),
  'does not say what a name may be': () => ({ names: { pattern: /^.*$/, allowed: '' } }),
}
