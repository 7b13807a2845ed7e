import { blueGreen, isRolloutError, type Rollout } from 'imago'
import { table } from './page.ts'

/** How a fleet is left that nothing was done to. */
export const UNTOUCHED = 'untouched'
/** What most fleets are rolled by. */
export const BLUE_GREEN = blueGreen({ bake: '30s' })

/** What a fleet of three runs. */
export function threeOf(image: string): readonly string[] {
  return Array.from({ length: 3 }, () => image)
}

/** What became of a fleet that had bad luck. */
export interface Told {
  /** The error's code, or the outcome. */
  readonly code: string
  /** All that was said to people. */
  readonly message: string
  /** What is left that should not be; empty when nothing is. */
  readonly left: string
}

/** A row of the table in the page for a cloud, and how it is tried. */
export interface BadLuck<Site> {
  readonly situation: string
  /** What imago does about it. */
  readonly does: string
  readonly code: string
  /** What the message says, `…` for what differs. */
  readonly says: string
  /** How the fleet is left. */
  readonly leaves: string
  readonly images: readonly string[]
  readonly try: (site: Site) => Promise<Told>
}

/** How planning ended. */
export async function planned(planning: Promise<unknown>): Promise<Told> {
  try {
    await planning
    return { code: 'planned', message: '', left: '' }
  } catch (error) {
    if (isRolloutError(error, 'call-failed'))
      return { code: `${error.code}, ${error.facts.class}`, message: error.message, left: '' }
    return { code: isRolloutError(error) ? error.code : 'none', message: String(error), left: '' }
  }
}

/** Whatever the events of a rollout say to people from now on. */
export function sayings(rollout: Rollout): readonly string[] {
  const said: string[] = []
  rollout.onAny((event) => said.push(JSON.stringify(event)))
  return said
}

/** How a rollout ended. @param left what is left that should not be. */
export async function told(rollout: Rollout, said: readonly string[], left: readonly string[]): Promise<Told> {
  const { outcome, reason, next } = await rollout.report()
  return { code: outcome, message: [...said, reason, next].join('\n'), left: left.join() }
}

/** What a message must be like; what `…` stands for differs. */
export function pattern(says: string): RegExp {
  const parts = says.split('…').map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(parts.join('[^]*?'))
}

/** The table as a page prints it. */
export function luckTable<Site>(rows: readonly BadLuck<Site>[]): string {
  const cells = rows.map(({ situation, does, code, says, leaves }) => [situation, does, `\`${code}\``, says, leaves])
  return table(['situation', 'imago', 'code or outcome', 'message', 'the fleet is left'], cells)
}
