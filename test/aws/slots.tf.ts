import { awsProvider, blocksOf } from '../witnesses/terraform.ts'

const PAGE = new URL('../../providers/aws/README.md', import.meta.url)

/** Two slots as somebody would write them in Terraform; what it is to leave alone is taken from imago's page, word for word. */
export async function twoSlots(): Promise<string> {
  const [ofGroups = '', ofListener = ''] = await blocksOf(PAGE)
  return `
${awsProvider({ region: 'us-east-1', key: 'AKIDEXAMPLE' })}
resource "aws_vpc" "web" {
  cidr_block = "10.7.0.0/16"
}

resource "aws_subnet" "web" {
  for_each          = { a = "10.7.0.0/24", b = "10.7.1.0/24" }
  vpc_id            = aws_vpc.web.id
  cidr_block        = each.value
  availability_zone = "us-east-1\${each.key}"
}

resource "aws_lb" "web" {
  name               = "web"
  internal           = true
  load_balancer_type = "application"
  subnets            = [for one in aws_subnet.web : one.id]
}

resource "aws_lb_target_group" "web" {
  for_each = toset(["web-a", "web-b"])
  name     = each.key
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.web.id
}

resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.web["web-a"].arn
        weight = 100
      }
      target_group {
        arn    = aws_lb_target_group.web["web-b"].arn
        weight = 0
      }
    }
  }
  ${ofListener}
}

resource "aws_launch_template" "web" {
  for_each      = toset(["web-a", "web-b"])
  name          = each.key
  image_id      = var.image
  instance_type = "t3.micro"
}

resource "aws_autoscaling_group" "web" {
  for_each                  = { web-a = 3, web-b = 0 }
  name                      = each.key
  min_size                  = each.value > 0 ? 1 : 0
  max_size                  = 10
  desired_capacity          = each.value
  vpc_zone_identifier       = [for one in aws_subnet.web : one.id]
  target_group_arns         = [aws_lb_target_group.web[each.key].arn]
  health_check_type         = "ELB"
  health_check_grace_period = 60
  wait_for_capacity_timeout = "0"
  launch_template {
    id      = aws_launch_template.web[each.key].id
    version = aws_launch_template.web[each.key].latest_version
  }
  tag {
    key                 = "team"
    value               = "web"
    propagate_at_launch = true
  }
  ${ofGroups}
}

output "listener" {
  value = aws_lb_listener.web.arn
}
`
}
