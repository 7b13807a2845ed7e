import { REGION } from '../sdk/access.ts'
import type { ImageAlias, ImageRef, ImageScheme } from '../../../src/core/image.ts'

const ID = /^ami-[0-9a-f]{8}(?:[0-9a-f]{9})?$/

/** Images of AWS, `ami:eu-west-1/ami-0fedcba9876543210`; a bare id is understood to be of the provider's region. */
export function amiScheme(region: string): ImageScheme {
  return {
    scheme: 'ami',
    check({ id, scope, digest }) {
      if (!ID.test(id)) return 'the id of an AMI is ami- and 8 or 17 hex digits'
      if (digest !== undefined) return 'an AMI has no digest'
      if (scope === undefined || !REGION.test(scope)) return `an AMI is of a region: ami:${region}/${id}`
      return scope === region ? undefined : `this provider is of ${region}; copy the image there first`
    },
    recognise: (text) => (ID.test(text) ? { scheme: 'ami', scope: region, id: text } : undefined),
  }
}

/** The reference of an image of a region. */
export function amiRef(region: string, id: string): ImageRef {
  return Object.freeze({ scheme: 'ami', scope: region, id })
}

/** The image that a public or own SSM parameter names, such as `/aws/service/ami-amazon-linux-latest/…`; resolved once, when a plan is made. */
export function ssmParameter(name: string): ImageAlias {
  return Object.freeze({ alias: name, kind: 'ssm-parameter' })
}

/** The newest available image of an owner (`self`, `amazon`, an account's number) whose name matches; `*` and `?` stand for anything. */
export function newestAmi(options: { readonly owner: string; readonly name: string }): ImageAlias {
  return Object.freeze({ alias: `${options.owner}/${options.name}`, kind: 'ami-name' })
}

/** The image of a launch template's version, `$Latest` or `$Default` among them. */
export function launchTemplateImage(template: string, version: string): ImageAlias {
  return Object.freeze({ alias: `${template}/${version}`, kind: 'launch-template' })
}
