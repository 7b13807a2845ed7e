import { PROVIDER } from './slots.tf.ts'

/** A group that is made anew beside the old one whenever its launch template is another: what people write who have nothing but Terraform. */
export const CREATE_BEFORE_DESTROY = `${PROVIDER}
resource "aws_lb_target_group" "web" {
  name     = "web"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.web.id
}

resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}

resource "aws_launch_template" "web" {
  name          = "web"
  image_id      = var.image
  instance_type = "t3.micro"
}

resource "aws_autoscaling_group" "web" {
  name                  = "web-\${aws_launch_template.web.latest_version}"
  min_size              = 3
  max_size              = 6
  desired_capacity      = 3
  min_elb_capacity      = 3
  vpc_zone_identifier   = [for one in aws_subnet.web : one.id]
  target_group_arns     = [aws_lb_target_group.web.arn]
  health_check_type     = "ELB"
  launch_template {
    id      = aws_launch_template.web.id
    version = aws_launch_template.web.latest_version
  }
  lifecycle {
    create_before_destroy = true
  }
}

output "listener" {
  value = aws_lb_listener.web.arn
}

output "group" {
  value = aws_autoscaling_group.web.name
}
`
