import * as v from 'valibot'
import { problemsError } from '../../../src/core/errors.ts'
import { check, text } from '../../../src/core/schema.ts'
import { RESOURCE_GROUP, SUBSCRIPTION } from '../sdk/access.ts'
import { NEEDS, type AzureFeature, type Elsewhere, type Permission } from './needs.ts'

/** Whom permissions are for. */
export interface AzurePermissionsOptions {
  /** The id of the subscription that the scale sets are in. */
  readonly subscription: string
  /** The resource group that they are in. */
  readonly resourceGroup: string
  /** What is used: `rollingUpgrade` is `rolling({ by: 'native' })`, `azureBlob` is the store. @default ['scaleSets', 'clone', 'loadBalancer', 'gallery'] */
  readonly features?: readonly AzureFeature[]
  /** To look and plan alone, as on a pull request, or to roll as well. @default 'roll' */
  readonly to?: 'plan' | 'roll'
  /** Resource ids of galleries whose images are launched. @default - they are in the resource group of the sets */
  readonly galleries?: readonly string[]
  /** Resource ids of networks, or of what belongs to networks, that the sets use. @default - all is in the resource group of the sets */
  readonly networks?: readonly string[]
  /** Resource ids of the identities that sets give to their instances. @default - they give none */
  readonly identities?: readonly string[]
  /** The resource id of the container of the store, which the feature `azureBlob` needs. @default - none */
  readonly container?: string
}

/** Where Azure must allow what: each is a custom role of its own. */
export type AzurePermissions = readonly AzurePermission[]

/** A role, and the one place where it is to be assigned. */
export interface AzurePermission {
  /** A subscription, a resource group or a resource, by its id. */
  readonly scope: string
  readonly role: AzureRole
}

/** A custom role as `az role definition create --role-definition` takes it. */
export interface AzureRole {
  /** No other role of the directory has it. */
  readonly Name: string
  readonly IsCustom: true
  readonly Description: string
  readonly Actions: readonly string[]
  readonly NotActions: readonly string[]
  /** What is done to blobs and not to their container. */
  readonly DataActions: readonly string[]
  readonly NotDataActions: readonly string[]
  readonly AssignableScopes: readonly string[]
}

const FEATURES = Object.keys(NEEDS) as AzureFeature[]

function idsOf(type: string, what: string) {
  return v.optional(v.array(text(idForm(type), what), `a list of resource ids: ${what}`), [])
}

function idForm(type: string): RegExp {
  return new RegExp(`^/subscriptions/[-0-9a-f]{36}/resourceGroups/[^/]+/providers/${type}$`, 'i')
}

const NAME = '[^/]+'
const CONTAINER = `Microsoft\\.Storage/storageAccounts/${NAME}/blobServices/default/containers/${NAME}`

const schema = v.pipe(
  v.strictObject({
    subscription: text(SUBSCRIPTION, 'the id of a subscription, a GUID'),
    resourceGroup: text(RESOURCE_GROUP, 'the name of a resource group'),
    features: v.optional(v.array(v.picklist(FEATURES, `one of ${FEATURES.join(', ')}`), 'a list of features'), [
      'scaleSets',
      'clone',
      'loadBalancer',
      'gallery',
    ]),
    to: v.optional(v.picklist(['plan', 'roll'], "'plan' or 'roll'"), 'roll'),
    galleries: idsOf(`Microsoft\\.Compute/galleries/${NAME}`, 'the resource id of a gallery'),
    networks: idsOf('Microsoft\\.Network/.+', 'the resource id of a network, or of what belongs to one'),
    identities: idsOf(`Microsoft\\.ManagedIdentity/userAssignedIdentities/${NAME}`, 'the resource id of an identity'),
    container: v.optional(v.union([v.literal(''), text(idForm(CONTAINER), 'the resource id of a container')]), ''),
  }),
  v.forward(
    v.partialCheck(
      [['features'], ['container']],
      ({ features, container }) => !features.includes('azureBlob') || container !== '',
      'the resource id of a container, which the feature azureBlob needs',
    ),
    ['container'],
  ),
)

type Options = v.InferOutput<typeof schema>

/**
 * The least that Azure must allow, to plan or to roll: a custom role for the resource group of the sets, one for the subscription, and
 * one for each place elsewhere. No action in it is superfluous. There is none to make or delete a machine: that is done by scale sets.
 *
 * @throws RolloutError `spec-invalid` with every problem.
 */
export function azurePermissions(options: AzurePermissionsOptions): AzurePermissions {
  const { value, problems } = check(schema, options, 'options')
  if (value === undefined) throw problemsError('spec-invalid', 'These permissions cannot be written', problems)
  const needs = FEATURES.filter((one) => value.features.includes(one)).map((one) => NEEDS[one])
  const wanted = needs.flatMap(({ plan, roll }) => (value.to === 'plan' ? plan : [...plan, ...roll]))
  const ofGroup = wanted.filter(({ on }) => on === undefined || IN_GROUP.has(on))
  const group = `/subscriptions/${value.subscription}/resourceGroups/${value.resourceGroup}`
  const places = PLACES.flatMap((on) =>
    placesOf(on, value).map((scope) => [scope, wanted.filter((one) => one.on === on)] as const),
  )
  return [[group, ofGroup] as const, ...places]
    .filter(([, permissions]) => permissions.length > 0)
    .map(([scope, permissions]) => ({ scope, role: roleOf(scope, permissions, value) }))
}

/** What may be in the resource group of the sets as well. */
const IN_GROUP: ReadonlySet<Elsewhere> = new Set(['galleries', 'networks'])

const PLACES: readonly Elsewhere[] = ['subscription', 'galleries', 'networks', 'identities', 'container']

function placesOf(on: Elsewhere, { subscription, container, ...options }: Options): readonly string[] {
  if (on === 'subscription') return [`/subscriptions/${subscription}`]
  return on === 'container' ? [container] : options[on]
}

function roleOf(scope: string, permissions: readonly Permission[], { to, features }: Options): AzureRole {
  // What is done to blobs is no action of Azure Resource Manager.
  const isData = ({ on }: Permission) => on === 'container'
  return {
    Name: `imago, to ${to}, on ${scope.split('/').slice(-2).join(' ')}`,
    IsCustom: true,
    Description: `Rollouts of virtual machine scale sets: ${features.join(', ')}`,
    Actions: named(permissions.filter((one) => !isData(one))),
    NotActions: [],
    DataActions: named(permissions.filter(isData)),
    NotDataActions: [],
    AssignableScopes: [scope],
  }
}

/** Each once, sorted. */
function named(permissions: readonly Permission[]): string[] {
  return [...new Set(permissions.flatMap((one) => one.actions))].toSorted()
}
