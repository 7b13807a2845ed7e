export { gcp } from './cloud.ts'
export type { GcpCloud } from './cloud.ts'
export { imageFamily, imageName } from './images/ref.ts'
export type { GcpAccess, GcpAuth, GcpClient, GcpClients } from './sdk/access.ts'
