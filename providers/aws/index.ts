export { alb, aws } from './cloud.ts'
export type { AlbOptions, AwsCloud } from './cloud.ts'
export { launchTemplateImage, newestAmi, ssmParameter } from './images/ref.ts'
export type { AwsAccess, AwsClient, AwsClients } from './sdk/access.ts'
