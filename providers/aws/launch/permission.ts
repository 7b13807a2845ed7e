import { isRolloutError } from '../../../src/core/errors.ts'
import type { Caller } from '../sdk/caller.ts'
import type { TemplateQuery } from './templates.ts'

/** The answer to a dry run that would have gone through. */
const PERMITTED = 'DryRunOperation'

/** Asks EC2 whether whoever calls may launch this image by this template, launching nothing. Why not, in AWS's words; `undefined` when so. */
export async function launchRefusal(
  caller: Caller,
  template: TemplateQuery,
  image: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const from = { LaunchTemplateId: template.template, Version: template.version }
  const input = { LaunchTemplate: from, ImageId: image, MinCount: 1, MaxCount: 1, DryRun: true }
  try {
    await caller.call('ec2', 'RunInstances', input, signal)
    return undefined
  } catch (error) {
    if (!isRolloutError(error, 'call-failed')) throw error
    const { native, class: failure } = error.facts
    if (native === PERMITTED) return undefined
    // Only a refusal says something about the image: a call that did not get through is for the engine to repeat.
    if (failure === 'unknown' || failure === 'transient' || failure === 'throttled') throw error
    return `a launch was refused beforehand: ${error.message}`
  }
}
