import type { FleetProvider } from '../../src/core/ports.ts'
import { createProvider } from './provider.ts'
import { openResourceGroup } from './resource-group.ts'
import type { AzureAccess } from './sdk/access.ts'

/** The scale sets of one resource group. */
export interface AzureCloud extends FleetProvider {
  readonly subscription: string
  readonly resourceGroup: string
}

/**
 * A provider of the virtual machine scale sets of a resource group, Uniform and Flexible. In this version it describes fleets and plans
 * rollouts by reading alone, and starts none. No package of Azure is loaded, and nothing is called, before something is asked of it.
 *
 * @throws RolloutError `spec-invalid` with every problem.
 */
export function azure(access: AzureAccess): AzureCloud {
  const { subscription, resourceGroup } = access
  return { ...createProvider(openResourceGroup(access)), subscription, resourceGroup }
}
