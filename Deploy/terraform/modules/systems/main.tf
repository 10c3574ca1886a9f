# The systems on a cluster that there is: a namespace, passwords, the chart for each system, and what looks at them.

locals {
  # The file that everything else is made of too.
  description = jsondecode(file("${path.module}/../../../services.json"))
  databases = toset(compact(flatten([
    for name in var.systems : [for service in values(local.description.systems[name].services) : try(service.database, "")]
  ])))
}

resource "kubernetes_namespace_v1" "telemetry" {
  metadata {
    name = var.namespace
    # The systems keep to "restricted"; what looks at them keeps to "baseline".
    labels = { "pod-security.kubernetes.io/enforce" = "baseline", "pod-security.kubernetes.io/warn" = "restricted" }
  }
}

resource "random_password" "jwt" {
  length  = 64
  special = false
}

resource "random_password" "aws" {
  for_each = toset(["aws-access-key-id", "aws-secret-access-key"])
  length   = 32
  special  = false
}

resource "random_password" "redis" {
  length  = 32
  special = false
}

resource "random_password" "grafana" {
  length  = 32
  special = false
}

resource "kubernetes_secret_v1" "database" {
  metadata {
    name      = "database"
    namespace = kubernetes_namespace_v1.telemetry.metadata[0].name
  }
  data = { password = var.database_password }
}

resource "kubernetes_secret_v1" "redis" {
  metadata {
    name      = "redis"
    namespace = kubernetes_namespace_v1.telemetry.metadata[0].name
  }
  data = { password = random_password.redis.result }
}

resource "kubernetes_secret_v1" "services" {
  metadata {
    name      = "services"
    namespace = kubernetes_namespace_v1.telemetry.metadata[0].name
  }
  data = merge({ jwt = random_password.jwt.result }, { for key, password in random_password.aws : key => password.result })
}

resource "kubernetes_secret_v1" "grafana" {
  metadata {
    name      = "grafana"
    namespace = kubernetes_namespace_v1.telemetry.metadata[0].name
  }
  data = { user = "admin", password = random_password.grafana.result }
}

resource "helm_release" "system" {
  for_each  = toset(var.systems)
  name      = each.key
  namespace = kubernetes_namespace_v1.telemetry.metadata[0].name
  chart     = "${path.module}/../../../helm/system"
  values = [
    file("${path.module}/../../../helm/values/${each.key}.yaml"),
    yamlencode({
      image     = { registry = var.registry, tag = var.image_tag, pullPolicy = "IfNotPresent" }
      telemetry = { endpoint = var.telemetry_endpoint, injection = "downward" }
      scrape    = { annotations = false, serviceMonitor = true }
      database = {
        host           = var.database_host
        port           = var.database_port
        user           = var.database_user
        existingSecret = kubernetes_secret_v1.database.metadata[0].name
        passwordKey    = "password"
      }
      ingress = { enabled = var.domain != "", host = "${each.key}.${var.domain}" }
    }),
  ]
  atomic     = true
  timeout    = 600
  depends_on = [helm_release.prometheus]
}

resource "helm_release" "ingress" {
  count            = var.domain == "" ? 0 : 1
  name             = "ingress-nginx"
  namespace        = "ingress-nginx"
  create_namespace = true
  repository       = "https://kubernetes.github.io/ingress-nginx"
  chart            = "ingress-nginx"
  version          = "4.13.3"
}
