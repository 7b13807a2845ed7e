import * as v from 'valibot'
import { problemsError } from '../../../src/core/errors.ts'
import { check, text } from '../../../src/core/schema.ts'
import { PROJECT } from '../sdk/access.ts'
import { NEEDS, type Elsewhere, type GcpFeature, type Permission } from './needs.ts'

/** Whom permissions are for. */
export interface GcpPermissionsOptions {
  /** What is used: `gcs` is the store. @default ['groups', 'clone', 'urlMap'] */
  readonly features?: readonly GcpFeature[]
  /** To look and plan alone, as on a pull request, or to roll as well. @default 'roll' */
  readonly to?: 'plan' | 'roll'
  /** E-mail addresses of the service accounts that templates give to instances. @default - instances have none */
  readonly serviceAccounts?: readonly string[]
  /** Other projects whose images are launched. @default - images are in the project of the groups */
  readonly imageProjects?: readonly string[]
  /** Host projects whose shared subnetworks instances are in. @default - subnetworks are in the project of the groups */
  readonly networkProjects?: readonly string[]
  /** The bucket of the store, which the feature `gcs` needs. @default - none */
  readonly bucket?: string
}

/** What IAM must allow: a role on the project of the groups, and what is granted elsewhere. */
export interface GcpPermissions {
  readonly role: GcpRole
  /** Grants on other resources, whose policies are their own. */
  readonly grants: readonly GcpGrant[]
}

/** A custom role as `gcloud iam roles create --file` takes it, in YAML or as this JSON. */
export interface GcpRole {
  readonly title: string
  readonly description: string
  readonly stage: 'GA'
  readonly includedPermissions: readonly string[]
}

/** What is needed on a resource other than the project of the groups. */
export interface GcpGrant {
  /** `projects/images-prod`, `projects/-/serviceAccounts/web@web-prod.iam.gserviceaccount.com`, `projects/_/buckets/journals`. */
  readonly resource: string
  /** The smallest role of Google's own that has it: `roles/iam.serviceAccountUser`. */
  readonly role: string
  /** What of that role is needed. */
  readonly permissions: readonly string[]
}

const FEATURES = Object.keys(NEEDS) as GcpFeature[]

const projects = v.optional(v.array(text(PROJECT, "a project's id, such as 'web-prod'"), "a list of projects' ids"), [])

const schema = v.pipe(
  v.strictObject({
    features: v.optional(v.array(v.picklist(FEATURES, `one of ${FEATURES.join(', ')}`), 'a list of features'), [
      'groups',
      'clone',
      'urlMap',
    ]),
    to: v.optional(v.picklist(['plan', 'roll'], "'plan' or 'roll'"), 'roll'),
    serviceAccounts: v.optional(
      v.array(text(/^[^@/\s]+@[^@/\s]+$/, "a service account's e-mail address"), "a list of service accounts' e-mail addresses"),
      [],
    ),
    imageProjects: projects,
    networkProjects: projects,
    bucket: v.optional(v.string("a bucket's name"), ''),
  }),
  v.forward(
    v.partialCheck(
      [['features'], ['bucket']],
      ({ features, bucket }) => !features.includes('gcs') || bucket !== '',
      "a bucket's name, which the feature gcs needs",
    ),
    ['bucket'],
  ),
)

type Options = v.InferOutput<typeof schema>

/**
 * The least that IAM must allow, to plan or to roll: a custom role for the project of the groups, and grants on what has a policy of its own.
 * No permission in it is superfluous. There is none to make or delete an instance: that is done by groups, as Google's own service agent.
 *
 * @throws RolloutError `spec-invalid` with every problem.
 */
export function gcpPermissions(options: GcpPermissionsOptions = {}): GcpPermissions {
  const { value, problems } = check(schema, options, 'options')
  if (value === undefined) throw problemsError('spec-invalid', 'These permissions cannot be written', problems)
  const { features, to } = value
  const needs = FEATURES.filter((one) => features.includes(one)).map((one) => NEEDS[one])
  const wanted = needs.flatMap(({ plan, roll }) => (to === 'plan' ? plan : [...plan, ...roll]))
  const ofProject = wanted.filter(({ on }) => on === undefined || IN_PROJECT.has(on))
  return {
    role: {
      title: `imago, to ${to}`,
      description: `Rollouts of managed instance groups: ${features.join(', ')}`,
      stage: 'GA',
      includedPermissions: named(ofProject),
    },
    grants: (Object.keys(ROLES) as Elsewhere[]).flatMap((on) => grantsOn(on, wanted, value)),
  }
}

/** What may be in the project of the groups as well. */
const IN_PROJECT: ReadonlySet<Elsewhere> = new Set(['images', 'networks'])

const ROLES: Readonly<Record<Elsewhere, string>> = {
  images: 'roles/compute.imageUser',
  networks: 'roles/compute.networkUser',
  serviceAccounts: 'roles/iam.serviceAccountUser',
  bucket: 'roles/storage.objectUser',
}

function grantsOn(on: Elsewhere, wanted: readonly Permission[], options: Options): GcpGrant[] {
  const permissions = named(wanted.filter((one) => one.on === on))
  return permissions.length === 0 ? [] : resourcesOf(on, options).map((resource) => ({ resource, role: ROLES[on], permissions }))
}

function resourcesOf(on: Elsewhere, { serviceAccounts, imageProjects, networkProjects, bucket }: Options): string[] {
  switch (on) {
    case 'images':
      return imageProjects.map((one) => `projects/${one}`)
    case 'networks':
      return networkProjects.map((one) => `projects/${one}`)
    case 'serviceAccounts':
      return serviceAccounts.map((one) => `projects/-/serviceAccounts/${one}`)
    case 'bucket':
      return [`projects/_/buckets/${bucket}`]
  }
}

/** Each once, sorted as Google lists them. */
function named(permissions: readonly Permission[]): string[] {
  return [...new Set(permissions.flatMap((one) => one.permissions))].toSorted()
}
