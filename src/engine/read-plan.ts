import { problemsError, rolloutError } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import { idOfPlan } from '../core/make-plan.ts'
import { PLAN_FORMAT, type Plan } from '../core/plan.ts'
import { shortDigest } from './digest.ts'
import { printable } from './make-plan.ts'

/** A plan given as JSON, or as the value that was made. @throws RolloutError `spec-invalid`, `format-newer`. */
export function readPlan(given: unknown): Plan {
  const plan = typeof given === 'string' ? parsed(given) : given
  if (!isObject(plan)) throw noPlan('', typeof plan, 'a plan made by fleet.plan, or its JSON')
  const { v } = plan
  if (typeof v === 'number' && v > PLAN_FORMAT) {
    const message = `The plan was made by a newer imago (format ${v}); this one reads up to ${PLAN_FORMAT}. Nothing was touched.`
    throw rolloutError('format-newer', message, { found: v, known: PLAN_FORMAT })
  }
  if (v !== PLAN_FORMAT) throw noPlan('v', JSON.stringify(v) ?? 'nothing', `${PLAN_FORMAT}, as in every plan made by fleet.plan`)
  // The id is made of all the rest: with it, everything else is as it was made.
  const id = idOfPlan(plan as unknown as Plan, shortDigest)
  if (plan['id'] !== id)
    throw noPlan(
      'id',
      `${JSON.stringify(plan['id']) ?? 'nothing'}, which its content does not have`,
      'a plan as it was made: plan anew instead of changing one',
    )
  return printable(plan as unknown as Plan)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const problems = [{ path: '', found: 'text that is no JSON', allowed: 'a plan made by fleet.plan, or its JSON' }]
    throw rolloutError('spec-invalid', 'This is not a plan; nothing was touched.', { problems }, error)
  }
}

function noPlan(path: string, found: string, allowed: string) {
  return problemsError('spec-invalid', 'This is not a plan that can be started', [{ path, found, allowed }])
}
