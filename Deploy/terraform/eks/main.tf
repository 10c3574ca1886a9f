# Amazon: a cluster in private networks, a PostgreSQL that only its nodes reach, and the systems.

data "aws_availability_zones" "available" {
  state = "available"
}

locals {
  zones = slice(data.aws_availability_zones.available.names, 0, 2)
}

module "network" {
  source              = "terraform-aws-modules/vpc/aws"
  version             = "6.4.0"
  name                = var.name
  cidr                = "10.20.0.0/16"
  azs                 = local.zones
  private_subnets     = ["10.20.0.0/20", "10.20.16.0/20"]
  public_subnets      = ["10.20.32.0/24", "10.20.33.0/24"]
  database_subnets    = ["10.20.34.0/24", "10.20.35.0/24"]
  enable_nat_gateway  = true
  single_nat_gateway  = true
  public_subnet_tags  = { "kubernetes.io/role/elb" = "1" }
  private_subnet_tags = { "kubernetes.io/role/internal-elb" = "1" }
}

module "cluster" {
  source                                   = "terraform-aws-modules/eks/aws"
  version                                  = "21.3.1"
  name                                     = var.name
  kubernetes_version                       = "1.33"
  vpc_id                                   = module.network.vpc_id
  subnet_ids                               = module.network.private_subnets
  endpoint_public_access                   = true
  endpoint_public_access_cidrs             = var.administrator_networks
  enable_cluster_creator_admin_permissions = true

  addons = {
    coredns        = {}
    kube-proxy     = {}
    metrics-server = {}
    vpc-cni = {
      before_compute = true
      # Without this, network policies are not enforced.
      configuration_values = jsonencode({ enableNetworkPolicy = "true" })
    }
  }

  eks_managed_node_groups = {
    nodes = {
      instance_types = ["t3.large"]
      min_size       = 2
      max_size       = 5
      desired_size   = 2
    }
  }
}

resource "random_password" "database" {
  length  = 32
  special = false
}

resource "aws_security_group" "database" {
  name        = "${var.name}-database"
  description = "PostgreSQL, for the nodes alone."
  vpc_id      = module.network.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  description                  = "PostgreSQL from the nodes."
  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = module.cluster.node_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_db_instance" "this" {
  identifier                          = var.name
  engine                              = "postgres"
  engine_version                      = "15"
  instance_class                      = "db.t4g.medium"
  allocated_storage                   = 20
  max_allocated_storage               = 100
  storage_encrypted                   = true
  username                            = "telemetry"
  password                            = random_password.database.result
  db_subnet_group_name                = module.network.database_subnet_group_name
  vpc_security_group_ids              = [aws_security_group.database.id]
  publicly_accessible                 = false
  multi_az                            = true
  backup_retention_period             = 7
  auto_minor_version_upgrade          = true
  deletion_protection                 = true
  copy_tags_to_snapshot               = true
  performance_insights_enabled        = true
  iam_database_authentication_enabled = true
  enabled_cloudwatch_logs_exports     = ["postgresql", "upgrade"]
  final_snapshot_identifier           = "${var.name}-final"
}

# Only the cluster reaches the database: its databases are made by a job there.
resource "kubernetes_job_v1" "databases" {
  metadata {
    name      = "databases"
    namespace = module.systems.namespace
  }
  spec {
    template {
      metadata {}
      spec {
        restart_policy                  = "OnFailure"
        automount_service_account_token = false
        security_context {
          run_as_non_root = true
          run_as_user     = 70
          seccomp_profile {
            type = "RuntimeDefault"
          }
        }
        container {
          name  = "psql"
          image = "postgres:15-alpine"
          command = ["sh", "-c", <<-EOT
            for name in ${join(" ", module.systems.databases)}; do
              psql -tAc "SELECT 1 FROM pg_database WHERE datname = '$name'" postgres | grep -q 1 || createdb "$name" || exit 1
            done
          EOT
          ]
          env {
            name  = "PGHOST"
            value = aws_db_instance.this.address
          }
          env {
            name  = "PGUSER"
            value = aws_db_instance.this.username
          }
          env {
            name = "PGPASSWORD"
            value_from {
              secret_key_ref {
                name = "database"
                key  = "password"
              }
            }
          }
          resources {
            requests = { cpu = "10m", memory = "32Mi" }
            limits   = { cpu = "500m", memory = "128Mi" }
          }
          security_context {
            allow_privilege_escalation = false
            read_only_root_filesystem  = true
            capabilities {
              drop = ["ALL"]
            }
          }
        }
      }
    }
  }
}

module "systems" {
  source            = "../modules/systems"
  registry          = var.registry
  image_tag         = var.image_tag
  domain            = var.domain
  database_host     = aws_db_instance.this.address
  database_user     = aws_db_instance.this.username
  database_password = random_password.database.result
  depends_on        = [module.cluster]
}
