/** What is read of the Compute API's resources: of each only what a rollout needs. A 64-bit number is a text. */
type Long = string | number

/** A number, or a share of the group's size; `calculated` is what it comes to. */
export interface FixedOrPercent {
  readonly calculated?: number
  readonly fixed?: number
  readonly percent?: number
}

/** A version of a group: the template that a number of its instances is launched from, or all others. */
export interface Version {
  readonly name?: string
  readonly instanceTemplate?: string
  readonly targetSize?: FixedOrPercent
}

/** A managed instance group: Compute calls it an instance group manager. */
export interface Manager {
  readonly id?: Long
  readonly name?: string
  readonly baseInstanceName?: string
  readonly creationTimestamp?: string
  readonly description?: string
  readonly fingerprint?: string
  /** The plain group behind it, which is what backend services know. */
  readonly instanceGroup?: string
  readonly instanceTemplate?: string
  readonly targetSize?: number
  readonly versions?: readonly Version[]
  readonly autoHealingPolicies?: readonly { readonly healthCheck?: string; readonly initialDelaySec?: number }[]
  readonly updatePolicy?: {
    readonly type?: string
    readonly minimalAction?: string
    readonly mostDisruptiveAllowedAction?: string
    readonly replacementMethod?: string
    readonly maxSurge?: FixedOrPercent
    readonly maxUnavailable?: FixedOrPercent
    readonly instanceRedistributionType?: string
  }
  readonly instanceLifecyclePolicy?: { readonly forceUpdateOnRepair?: string }
  readonly distributionPolicy?: { readonly zones?: readonly { readonly zone?: string }[] }
  readonly listManagedInstancesResults?: string
  readonly status?: {
    readonly autoscaler?: string
    readonly isStable?: boolean
    readonly stateful?: { readonly hasStatefulConfig?: boolean }
    readonly versionTarget?: { readonly isReached?: boolean }
  }
}

/** An error of a launch or another action. */
export interface ActionError {
  readonly code?: string
  readonly message?: string
}

/** An instance as its group sees it; its machine may not be there yet. */
export interface ManagedInstance {
  /** Empty while there is no machine. */
  readonly id?: Long
  readonly name?: string
  readonly instance?: string
  readonly currentAction?: string
  readonly instanceStatus?: string
  readonly targetStatus?: string
  readonly instanceHealth?: readonly { readonly detailedHealthState?: string }[]
  readonly lastAttempt?: { readonly errors?: { readonly errors?: readonly ActionError[] } }
  readonly version?: { readonly instanceTemplate?: string; readonly name?: string }
}

/** An entry of a group's log of errors. */
export interface LoggedError {
  readonly timestamp?: string
  readonly error?: ActionError
  readonly instanceActionDetails?: { readonly action?: string; readonly instance?: string }
}

/** An autoscaler of a group. */
export interface Autoscaler {
  readonly name?: string
  readonly recommendedSize?: number
  readonly autoscalingPolicy?: { readonly minNumReplicas?: number; readonly maxNumReplicas?: number; readonly mode?: string }
}

/** What instances are launched with: `InstanceProperties`. */
export interface Properties {
  readonly machineType?: string
  readonly disks?: readonly AttachedDisk[]
}

/** A disk of a template, which is to be made, or of a machine, which was. */
export interface AttachedDisk {
  readonly boot?: boolean
  readonly source?: string
  readonly initializeParams?: { readonly sourceImage?: string; readonly diskSizeGb?: Long }
}

/** A disk, with what it was made from. */
export interface Disk {
  readonly name?: string
  readonly sourceImage?: string
  readonly sourceImageId?: Long
}

/** An instance template. */
export interface Template {
  readonly id?: Long
  readonly description?: string
  readonly name?: string
  readonly properties?: Properties
}

/** A machine image of the Compute API, which calls something else a machine image. */
export interface Image {
  readonly id?: Long
  readonly name?: string
  readonly selfLink?: string
  readonly status?: string
  readonly architecture?: string
  readonly diskSizeGb?: Long
  readonly creationTimestamp?: string
  readonly deprecated?: { readonly state?: string; readonly replacement?: string }
  readonly labels?: Readonly<Record<string, string>>
}

/** A machine. */
export interface Instance {
  readonly id?: Long
  readonly name?: string
  readonly creationTimestamp?: string
  readonly disks?: readonly AttachedDisk[]
  readonly networkInterfaces?: readonly { readonly networkIP?: string }[]
}

/** A type of machine. */
export interface MachineType {
  readonly name?: string
  readonly architecture?: string
}

/** Backend services that an action shares among. */
export interface RouteAction {
  readonly weightedBackendServices?: readonly { readonly backendService?: string; readonly weight?: number }[]
}

/** A rule of a path matcher, by path or by more than that. */
interface Rule {
  readonly service?: string
  readonly routeAction?: RouteAction
}

/** A URL map. */
export interface UrlMap {
  readonly fingerprint?: string
  readonly defaultService?: string
  readonly defaultRouteAction?: RouteAction
  readonly pathMatchers?: readonly {
    readonly defaultService?: string
    readonly defaultRouteAction?: RouteAction
    readonly pathRules?: readonly Rule[]
    readonly routeRules?: readonly Rule[]
  }[]
}

/** A backend service. */
export interface BackendService {
  readonly name?: string
  readonly description?: string
  readonly fingerprint?: string
  readonly loadBalancingScheme?: string
  readonly sessionAffinity?: string
  readonly securityPolicy?: string
  readonly edgeSecurityPolicy?: string
  readonly iap?: { readonly enabled?: boolean }
  readonly cdnPolicy?: { readonly signedUrlKeyNames?: readonly string[] }
  readonly connectionDraining?: { readonly drainingTimeoutSec?: number }
  readonly backends?: readonly { readonly group?: string; readonly capacityScaler?: number }[]
}

/** How a backend service sees the instances of one of its groups. */
export interface GroupHealth {
  readonly healthStatus?: readonly { readonly instance?: string; readonly healthState?: string }[]
}
