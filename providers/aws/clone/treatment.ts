/** What becomes of one setting when something is cloned. What has no row is refused: a setting that AWS adds is never lost. */
export type Treatment<Source, Target> = (
  | /** The clone gets the same. */ { readonly does: 'copy' }
    /** The clone gets something else, or the same in another form; `undefined` when there is nothing to say. */
  | { readonly does: 'rewrite'; readonly to: (source: Source) => Partial<Target> | undefined }
  /** The clone goes without. */
  | { readonly does: 'drop'; readonly why: string }
  /** Nothing with this set can be cloned. */
  | { readonly does: 'refuse'; readonly why: string }
) & {
  /** Values that cannot be cloned all the same. */
  readonly but?: { readonly refuse: (value: never) => boolean; readonly why: string }
}

/** A row for every member of what is described; only what can be given to what is made can be copied. */
export type Treatments<Source, Target> = {
  readonly [Member in keyof Required<Source>]: Member extends keyof Target
    ? Treatment<Source, Target>
    : Exclude<Treatment<Source, Target>, { readonly does: 'copy' }>
}

/** What a clone gets, and what stands in the way of it. */
export interface Treated<Target> {
  readonly settings: Partial<Target>
  readonly refusals: readonly Refusal[]
}

/** A setting that cannot be cloned. */
export interface Refusal {
  readonly member: string
  readonly why: string
}

/** Goes through everything that is set. */
export function treat<Source extends object, Target extends object>(
  source: Source,
  table: Treatments<Source, Target>,
): Treated<Target> {
  const refusals: Refusal[] = []
  let settings: Partial<Target> = {}
  for (const [member, value] of Object.entries(source)) {
    if (isUnset(value)) continue
    const row = table[member as keyof Source] as Treatment<Source, Target> | undefined
    if (row === undefined) refusals.push({ member, why: 'imago does not know this setting, and would lose it' })
    else if (row.does === 'refuse') refusals.push({ member, why: row.why })
    else if (row.but?.refuse(value as never) === true) refusals.push({ member, why: row.but.why })
    else if (row.does === 'copy') settings = { ...settings, [member]: value as unknown }
    else if (row.does === 'rewrite') settings = { ...settings, ...row.to(source) }
  }
  return { settings, refusals }
}

/** AWS answers with empty lists and texts for what was never set. */
function isUnset(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}
