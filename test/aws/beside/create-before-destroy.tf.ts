import { awsProvider } from '../../witnesses/terraform.ts'
import { REGION } from '../site.ts'
import { OWNERS_KEY } from '../wire/server.ts'

/** A group that is made anew, beside the old one, whenever its launch template has another version: what people write who have nothing but Terraform. */
export interface Written {
  readonly size: number
  /** How long a new group may take to be healthy, in Terraform's words. */
  readonly patience: string
  /** Whether the new group is waited for behind its load balancer, `min_elb_capacity`, and not only in Auto Scaling. */
  readonly awaitsBalancer: boolean
}

/** The configuration; its variables are `endpoint`, `image` and `target_group`. */
export function createBeforeDestroy({ size, patience, awaitsBalancer }: Written): string {
  return `${awsProvider({ region: REGION, key: OWNERS_KEY })}
variable "target_group" {}

resource "aws_launch_template" "web" {
  name          = "web"
  image_id      = var.image
  instance_type = "t3.micro"
}

resource "aws_autoscaling_group" "web" {
  name                      = "web-\${aws_launch_template.web.latest_version}"
  availability_zones        = ["${REGION}a", "${REGION}b", "${REGION}c"]
  min_size                  = ${size}
  max_size                  = ${2 * size}
  desired_capacity          = ${size}
  ${awaitsBalancer ? `min_elb_capacity = ${size}` : ''}
  wait_for_capacity_timeout = "${patience}"
  target_group_arns         = [var.target_group]
  health_check_type         = "ELB"
  health_check_grace_period = 60
  launch_template {
    id      = aws_launch_template.web.id
    version = aws_launch_template.web.latest_version
  }
  lifecycle {
    create_before_destroy = true
  }
}
`
}
