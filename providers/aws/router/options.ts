import * as v from 'valibot'
import { text, urlText } from '../../../src/core/schema.ts'
import type { PreviewWay } from './preview.ts'

/** How an Application Load Balancer sends a fleet's traffic. */
export interface AlbOptions {
  /** ARNs of the listeners. Their default action and each of their rules that forwards to the fleet belong to it. */
  readonly listeners: readonly string[]
  /** How a generation without traffic is reached, so that it can be verified. @default - it cannot be */
  readonly preview?: AlbPreview
}

/**
 * A rule, or the default action of a listener of its own, that forwards to one target group: imago points it at the candidate and back.
 * Which requests it takes, by header, host or port, its owner says by the rule's conditions.
 */
export type AlbPreview = ({ readonly rule: string } | { readonly listener: string }) & {
  /** Where requests to it go, `https://preview.example.com`. */
  readonly url: string
  /** What they must carry. @default - nothing */
  readonly headers?: Readonly<Record<string, string>>
}

/** How a Network Load Balancer sends a fleet's traffic. */
export interface NlbOptions {
  /** ARNs of the listeners whose default action forwards to the fleet. */
  readonly listeners: readonly string[]
}

const arn = (resource: string, what: string) =>
  text(new RegExp(`^arn:[^:]+:elasticloadbalancing:[^:]+:\\d+:${resource}/.+$`), what)
const some = (one: ReturnType<typeof arn>) =>
  v.pipe(v.array(one, 'a list of ARNs'), v.minLength(1, 'the ARN of one listener or more'))
const albListener = arn('listener/app', 'the ARN of a listener of an Application Load Balancer')
const address = {
  url: urlText,
  headers: v.exactOptional(v.record(v.string(), v.string('a text'))),
}
/** Schema of {@link AlbOptions}. */
export const albOptions = v.strictObject({
  listeners: some(albListener),
  preview: v.exactOptional(
    v.union(
      [
        v.strictObject({ rule: arn('listener-rule/app', 'the ARN of a rule of an Application Load Balancer'), ...address }),
        v.strictObject({ listener: albListener, ...address }),
      ],
      '{ rule, url } or { listener, url }, by their ARNs',
    ),
  ),
})
/** Schema of {@link NlbOptions}. */
export const nlbOptions = v.strictObject({
  listeners: some(arn('listener/net', 'the ARN of a listener of a Network Load Balancer')),
})

/** A preview as the router knows it. */
export function previewWay({ url, headers, ...where }: AlbPreview): PreviewWay {
  const reached = { url, ...(headers === undefined ? {} : { headers }) }
  if ('listener' in where) return { ...reached, listener: where.listener }
  // A rule's ARN is its listener's, and a part more.
  return { ...reached, rule: where.rule, listener: where.rule.replace(':listener-rule/', ':listener/').replace(/\/[^/]+$/, '') }
}
