import * as v from 'valibot'
import { problemsError } from '../../../src/core/errors.ts'
import { check, text } from '../../../src/core/schema.ts'
import { REGION } from '../sdk/access.ts'
import { PERMISSIONS, type Conditions, type Feature, type Needs, type Scope } from './permissions.ts'

/** Whom a policy is for. */
export interface IamPolicyOptions {
  /** The account's number, twelve digits. */
  readonly account: string
  readonly region: string
  /** What is used: `s3` is the store, `ssm` are image aliases by parameter. @default ['groups', 'clone', 'alb'] */
  readonly features?: readonly Feature[]
  /** To look and plan alone, as on a pull request, or to roll as well. @default 'roll' */
  readonly to?: 'plan' | 'roll'
  /** Names of the roles that launch templates and lifecycle hooks hand out; `*` stands for any signs. @default - none is handed out */
  readonly roles?: readonly string[]
  /** The bucket of the store, which the feature `s3` needs. @default - none */
  readonly bucket?: string
  /** What the names of its objects begin with. @default 'imago/' */
  readonly prefix?: string
}

/** A policy document of IAM. */
export interface IamPolicy {
  readonly Version: '2012-10-17'
  readonly Statement: readonly IamStatement[]
}

/** One statement of a policy. */
export interface IamStatement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Conditions
}

const FEATURES = Object.keys(PERMISSIONS) as Feature[]
const PREFIX = 'imago/'

const schema = v.pipe(
  v.strictObject({
    account: text(/^\d{12}$/, 'twelve digits'),
    region: text(REGION, "a region, such as 'eu-west-1'"),
    features: v.optional(v.array(v.picklist(FEATURES, `one of ${FEATURES.join(', ')}`), 'a list of features'), [
      'groups',
      'clone',
      'alb',
    ]),
    to: v.optional(v.picklist(['plan', 'roll'], "'plan' or 'roll'"), 'roll'),
    roles: v.optional(v.array(v.string("a role's name"), "a list of roles' names"), []),
    bucket: v.optional(v.string("a bucket's name"), ''),
    prefix: v.optional(v.string('a text'), PREFIX),
  }),
  v.forward(
    v.partialCheck(
      [['features'], ['bucket']],
      ({ features, bucket }) => !features.includes('s3') || bucket !== '',
      "a bucket's name, which the feature s3 needs",
    ),
    ['bucket'],
  ),
)

/**
 * The least that IAM must allow, as a policy document: no action in it is superfluous, what is made must bear imago's mark, and what does
 * not bear it is neither changed nor deleted.
 *
 * @throws RolloutError `spec-invalid` with every problem.
 */
export function iamPolicy(options: IamPolicyOptions): IamPolicy {
  const { value, problems } = check(schema, options, 'options')
  if (value === undefined) throw problemsError('spec-invalid', 'This policy cannot be written', problems)
  const statements = FEATURES.filter((one) => value.features.includes(one)).flatMap((one) => statementsOf(one, value))
  return { Version: '2012-10-17', Statement: statements }
}

function statementsOf(feature: Feature, { to, ...scope }: Scope & { readonly to: keyof Needs }): IamStatement[] {
  const needs: Needs = PERMISSIONS[feature]
  const wanted = to === 'plan' ? needs.plan : [...needs.plan, ...needs.roll]
  const granted = wanted.map((one) => ({ ...one, resources: one.on?.(scope) ?? ['*'] }))
  // No role to hand out is no statement: IAM accepts none that names no resource.
  return granted
    .filter((one) => one.resources.length > 0)
    .map(({ actions, resources, when }, index) => ({
      Sid: `Imago${feature[0]?.toUpperCase()}${feature.slice(1)}${index + 1}`,
      Effect: 'Allow',
      Action: actions,
      Resource: resources,
      ...(when === undefined ? {} : { Condition: when }),
    }))
}
