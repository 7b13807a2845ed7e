import { callFailed, type CallFailureClass, type RolloutError, UNSENT } from '../../../src/core/errors.ts'

/** What AWS's error codes mean. A modelled error shows its shape's name, another one the code as it was sent: both are here. */
const CLASSES: Readonly<Record<string, CallFailureClass>> = {
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  RequestLimitExceeded: 'throttled',
  TooManyRequestsException: 'throttled',

  ResourceContention: 'transient',
  ResourceContentionFault: 'transient',
  InternalFailure: 'transient',
  InternalError: 'transient',
  InternalServerError: 'transient',
  ServiceUnavailable: 'transient',
  Unavailable: 'transient',
  ServiceLinkedRoleFailure: 'transient',

  ScalingActivityInProgress: 'conflict',
  ScalingActivityInProgressFault: 'conflict',
  ResourceInUse: 'conflict',
  ResourceInUseFault: 'conflict',
  ResourceInUseException: 'conflict',
  AlreadyExists: 'conflict',
  AlreadyExistsFault: 'conflict',
  InstanceRefreshInProgress: 'conflict',
  InstanceRefreshInProgressFault: 'conflict',
  'InvalidLaunchTemplateName.AlreadyExistsException': 'conflict',
  DuplicateTargetGroupName: 'conflict',
  DuplicateTargetGroupNameException: 'conflict',

  'InvalidAMIID.NotFound': 'not-found',
  'InvalidAMIID.Unavailable': 'not-found',
  'InvalidInstanceID.NotFound': 'not-found',
  'InvalidLaunchTemplateId.NotFound': 'not-found',
  'InvalidLaunchTemplateId.VersionNotFound': 'not-found',
  'InvalidLaunchTemplateName.NotFoundException': 'not-found',
  ActiveInstanceRefreshNotFound: 'not-found',
  ActiveInstanceRefreshNotFoundFault: 'not-found',
  ListenerNotFound: 'not-found',
  ListenerNotFoundException: 'not-found',
  LoadBalancerNotFound: 'not-found',
  LoadBalancerNotFoundException: 'not-found',
  ParameterNotFound: 'not-found',
  ParameterVersionNotFound: 'not-found',
  ResourceNotFound: 'not-found',
  ResourceNotFoundException: 'not-found',
  RuleNotFound: 'not-found',
  RuleNotFoundException: 'not-found',
  TargetGroupNotFound: 'not-found',
  TargetGroupNotFoundException: 'not-found',

  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  AuthFailure: 'denied',
  UnauthorizedOperation: 'denied',
  OptInRequired: 'denied',
  ExpiredToken: 'denied',
  ExpiredTokenException: 'denied',
  RequestExpired: 'denied',
  InvalidClientTokenId: 'denied',
  UnrecognizedClientException: 'denied',
  SignatureDoesNotMatch: 'denied',
  CredentialsProviderError: 'denied',

  LimitExceeded: 'quota',
  LimitExceededFault: 'quota',
  InstanceLimitExceeded: 'quota',
  MaxSpotInstanceCountExceeded: 'quota',
  VcpuLimitExceeded: 'quota',
  TargetGroupAssociationLimit: 'quota',
  TargetGroupAssociationLimitException: 'quota',
  TooManyListeners: 'quota',
  TooManyRegistrationsForTargetId: 'quota',
  TooManyRegistrationsForTargetIdException: 'quota',
  TooManyTags: 'quota',
  TooManyTagsException: 'quota',
  TooManyUniqueTargetGroupsPerLoadBalancer: 'quota',
  TooManyUniqueTargetGroupsPerLoadBalancerException: 'quota',
  TooManyTargetGroups: 'quota',
  TooManyTargetGroupsException: 'quota',
  TooManyTargets: 'quota',
  TooManyTargetsException: 'quota',

  InsufficientInstanceCapacity: 'capacity',
  InsufficientFreeAddressesInSubnet: 'capacity',
  ReservationCapacityExceeded: 'capacity',
  UnfulfillableCapacity: 'capacity',

  ValidationError: 'invalid',
  ValidationException: 'invalid',
  InvalidParameterValue: 'invalid',
  InvalidParameterCombination: 'invalid',
  'InvalidAMIID.Malformed': 'invalid',
  'InvalidLaunchTemplateId.Malformed': 'invalid',
  MissingParameter: 'invalid',
  IdempotentParameterMismatch: 'invalid',
  Unsupported: 'invalid',
}

/** Socket and time-out errors of Node.js and the SDK: what was sent may have been carried out. */
const UNANSWERED = new Set(['TimeoutError', 'AbortError', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_SOCKET_CLOSED'])

/** What the SDK throws, as far as it matters here. */
interface NativeError {
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly Code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/** An error of the SDK as one of imago's, in AWS's words. */
export function awsFailure(call: string, error: unknown): RolloutError<'call-failed'> {
  const { name = 'Error', message = '', Code, code, $metadata } = error as NativeError
  const known = [Code, name, code].find((one) => one !== undefined && one in CLASSES)
  const native = known ?? Code ?? (name === 'Error' ? (code ?? name) : name)
  const failure = known === undefined ? unlisted([name, code], $metadata?.httpStatusCode) : CLASSES[known]!
  return callFailed(failure, call, `AWS answered ${call} with ${native}: ${message}`, { native, cause: error })
}

/** What is not in the table: a server that failed may have done it, any other answer is a refusal. */
function unlisted(names: readonly (string | undefined)[], status: number | undefined): CallFailureClass {
  if (names.some((one) => UNSENT.has(one ?? ''))) return 'transient'
  if (names.some((one) => UNANSWERED.has(one ?? '')) || status === undefined || status >= 500) return 'unknown'
  return 'invalid'
}
