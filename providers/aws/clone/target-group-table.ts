import type { CreateTargetGroupInput, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Treatments } from './treatment.ts'

const OWN = { does: 'drop', why: 'it is a fact of the target group itself, not a setting' } as const

/** Every member of a described target group, and what a clone gets of it. */
export const TARGET_GROUP: Treatments<TargetGroup, CreateTargetGroupInput> = {
  TargetGroupArn: OWN,
  TargetGroupName: OWN,
  LoadBalancerArns: OWN,
  Protocol: { does: 'copy' },
  Port: { does: 'copy' },
  VpcId: { does: 'copy' },
  HealthCheckProtocol: { does: 'copy' },
  HealthCheckPort: { does: 'copy' },
  HealthCheckEnabled: { does: 'copy' },
  HealthCheckIntervalSeconds: { does: 'copy' },
  HealthCheckTimeoutSeconds: { does: 'copy' },
  HealthyThresholdCount: { does: 'copy' },
  UnhealthyThresholdCount: { does: 'copy' },
  HealthCheckPath: { does: 'copy' },
  Matcher: { does: 'copy' },
  TargetType: {
    does: 'copy',
    but: { refuse: (type: string) => type !== 'instance', why: 'Auto Scaling registers instances, and nothing else' },
  },
  ProtocolVersion: { does: 'copy' },
  IpAddressType: { does: 'copy' },
  TargetControlPort: { does: 'copy' },
}
