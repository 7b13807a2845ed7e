export { applicationGateway, azure, frontDoor, loadBalancer, ruleSwap, trafficManager } from './cloud.ts'
export type { AzureCloud } from './cloud.ts'
export { azurePermissions } from './iam/permissions.ts'
export type { AzurePermission, AzurePermissions, AzurePermissionsOptions, AzureRole } from './iam/permissions.ts'
export type { AzureFeature } from './iam/needs.ts'
export { galleryImage, marketplaceImage } from './images/ref.ts'
export type {
  ApplicationGatewayOptions,
  FrontDoorOptions,
  LoadBalancerOptions,
  RuleSwapOptions,
  TrafficManagerOptions,
} from './router/options.ts'
export type { AzureAccess, AzureClient, AzureCredential } from './sdk/access.ts'
export type { AzureClock } from './sdk/clock.ts'
