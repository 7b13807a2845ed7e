import { metrics } from './metrics.ts'
import { notifications } from './notifications.ts'
import type { Copying, Original, Part } from './part.ts'
import { policies } from './policies.ts'
import { processes } from './processes.ts'
import { schedules } from './schedules.ts'
import { warmPool } from './warm-pool.ts'

/** In the order in which a clone gets them: what is stopped is stopped before anything could begin, and what launches comes last. */
const PARTS: readonly Part[] = [processes, metrics, notifications, policies, schedules, warmPool]

/** Why a clone could not have what belongs to its original; empty when it can have everything. */
export async function partObstacles(original: Original): Promise<string[]> {
  return (await Promise.all(PARTS.map((part) => part.obstacles(original)))).flat()
}

/** Gives a clone what belongs to its original and has calls of its own. */
export async function copyParts(copying: Copying): Promise<void> {
  for (const part of PARTS) await part.copy(copying)
}
