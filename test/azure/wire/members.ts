import type { Account, Body, MemberRecord, SetRecord } from './account.ts'
import { begin, type Begun, type Conditions } from './begin.ts'
import { writeCard, type CardProperties } from './cards.ts'
import { cardName } from './converge.ts'
import { Fault, notFound } from './fault.ts'
import { uniformBody } from './outputs.ts'

/** An instance of a Uniform set. @throws Fault when it is not there. */
export function memberAt({ resourceGroup }: Account, set: SetRecord, id: string): MemberRecord {
  const found = set.members.find((one) => one.id === id)
  if (found !== undefined) return found
  throw notFound('Microsoft.Compute/virtualMachineScaleSets/virtualMachines', `${set.name}/${id}`, resourceGroup)
}

/** Writes an instance of a Uniform set: how it is connected is all of it that can be changed, and it is updated for a while. */
export function putMember(account: Account, set: SetRecord, id: string, body: Body, conditions: Conditions): Begun {
  const member = memberAt(account, set, id)
  const card = account.cards.get(cardName(set, id))
  const { networkProfileConfiguration: network } = body['properties'] as { networkProfileConfiguration?: Network }
  const [written] = network?.networkInterfaceConfigurations ?? []
  if (card === undefined || written === undefined || body['location'] !== account.location)
    throw new Fault(400, 'InvalidParameter', 'An instance has a location and network interfaces.')
  writeCard(account, card, written.properties, conditions)
  card.busyUntil = account.world.now + account.operationMs
  const { operation } = begin(account, 'Microsoft.Compute', () => undefined)
  return { status: 200, operation, body: uniformBody(account, set, member) }
}

interface Network {
  readonly networkInterfaceConfigurations?: readonly { readonly properties: CardProperties }[]
}
