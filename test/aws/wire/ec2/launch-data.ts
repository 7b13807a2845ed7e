import type { Input, Value } from '../protocol/query.ts'
import type { Output } from '../protocol/xml.ts'

/** Lists of a launch template by what they are called in a request, and in an answer. */
const LISTS: Readonly<Record<string, string>> = {
  BlockDeviceMapping: 'blockDeviceMappingSet',
  ElasticGpuSpecification: 'elasticGpuSpecificationSet',
  ElasticInferenceAccelerator: 'elasticInferenceAcceleratorSet',
  Ipv4Prefix: 'ipv4PrefixSet',
  Ipv6Addresses: 'ipv6AddressesSet',
  Ipv6Prefix: 'ipv6PrefixSet',
  LicenseSpecification: 'licenseSet',
  NetworkInterface: 'networkInterfaceSet',
  PrivateIpAddresses: 'privateIpAddressesSet',
  SecurityGroup: 'securityGroupSet',
  SecurityGroupId: 'securityGroupIdSet',
  Tag: 'tagSet',
  TagSpecification: 'tagSpecificationSet',
}

/** What a launch template was given, as EC2 gives it back: the same members with other names. */
export function launchDataOutput(data: Input): Output {
  return Object.fromEntries(Object.entries(data).flatMap(([name, value]) => (value === undefined ? [] : [renamed(name, value)])))
}

function renamed(name: string, value: Value): [string, Output[string]] {
  const list = LISTS[name]
  if (Array.isArray(value))
    return [list ?? lower(name), value.map((one: Value) => (typeof one === 'string' ? one : launchDataOutput(one as Input)))]
  return [lower(name), typeof value === 'string' ? value : launchDataOutput(value as Input)]
}

function lower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
