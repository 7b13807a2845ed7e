/** What becomes of one member of a scale set when it is cloned. What has no row is refused: a setting that Azure adds is never lost. */
export type Treatment =
  | /** The clone gets the same. */ {
      readonly does: 'copy'
      readonly but?: { readonly refuse: (value: never) => boolean; readonly why: string }
    }
    /** What the plan says, or what the call makes of it, stands in its place. */
  | { readonly does: 'replace'; readonly why: string }
  /** The clone goes without. */
  | { readonly does: 'drop'; readonly why: string }
  /** Nothing with this set can be cloned. */
  | { readonly does: 'refuse'; readonly why: string }

/** A row for every member of what is described. */
export type Treatments<Source> = { readonly [Member in keyof Required<Source>]: Treatment }

/** What a clone gets as it is, and what stands in the way of it. */
export interface Treated<Source> {
  readonly settings: Partial<Source>
  /** `overprovision: why not`. */
  readonly refusals: readonly string[]
}

/** Goes through everything that is set. */
export function treat<Source extends object>(source: Source, table: Treatments<Source>): Treated<Source> {
  const refusals: string[] = []
  let settings: Partial<Source> = {}
  for (const [member, value] of Object.entries(source)) {
    if (value === undefined || value === null) continue
    const row = table[member as keyof Source] as Treatment | undefined
    if (row === undefined) refusals.push(`${member}: imago does not know this setting, and would lose it`)
    else if (row.does === 'refuse') refusals.push(`${member}: ${row.why}`)
    else if (row.does === 'copy' && row.but?.refuse(value as never) === true) refusals.push(`${member}: ${row.but.why}`)
    else if (row.does === 'copy') settings = { ...settings, [member]: value as unknown }
  }
  return { settings, refusals }
}
