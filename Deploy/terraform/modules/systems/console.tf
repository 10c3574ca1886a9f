# The console, which probes the services as Prometheus asks it to: each probe is a trace too, which goes to the collector.

resource "random_password" "console" {
  length  = 32
  special = false
}

resource "kubernetes_secret_v1" "console" {
  metadata {
    name      = "console"
    namespace = kubernetes_namespace_v1.telemetry.metadata[0].name
  }
  data = { token = random_password.console.result }
}

resource "kubernetes_config_map_v1" "probes" {
  metadata {
    name      = "probes"
    namespace = kubernetes_namespace_v1.telemetry.metadata[0].name
  }
  data = { "blackbox.yml" = file("${path.module}/../../../prometheus/blackbox.yml") }
}

resource "kubernetes_deployment_v1" "console" {
  metadata {
    name      = "console"
    namespace = kubernetes_namespace_v1.telemetry.metadata[0].name
  }
  spec {
    replicas = 1
    selector {
      match_labels = { "app.kubernetes.io/name" = "console" }
    }
    template {
      metadata {
        labels = { "app.kubernetes.io/name" = "console" }
      }
      spec {
        automount_service_account_token = false
        security_context {
          run_as_non_root = true
          run_as_user     = 65532
          seccomp_profile {
            type = "RuntimeDefault"
          }
        }
        container {
          name              = "console"
          image             = "${var.registry}/collector:${var.image_tag}"
          image_pull_policy = "Always"
          port {
            container_port = 4318
          }
          env {
            name  = "HOST"
            value = "0.0.0.0"
          }
          env {
            name  = "ALLOWED_HOSTS"
            value = "console"
          }
          env {
            name  = "GRPC_PORT"
            value = "none"
          }
          env {
            name  = "PROBES"
            value = "/etc/console/blackbox.yml"
          }
          env {
            name  = "FORWARD_TO"
            value = var.telemetry_endpoint
          }
          env {
            name = "CONSOLE_TOKEN"
            value_from {
              secret_key_ref {
                name = kubernetes_secret_v1.console.metadata[0].name
                key  = "token"
              }
            }
          }
          volume_mount {
            name       = "probes"
            mount_path = "/etc/console"
            read_only  = true
          }
          readiness_probe {
            tcp_socket {
              port = 4318
            }
          }
          liveness_probe {
            tcp_socket {
              port = 4318
            }
          }
          resources {
            requests = { cpu = "50m", memory = "64Mi" }
            limits   = { cpu = "1", memory = "512Mi" }
          }
          security_context {
            allow_privilege_escalation = false
            read_only_root_filesystem  = true
            capabilities {
              drop = ["ALL"]
            }
          }
        }
        volume {
          name = "probes"
          config_map {
            name = kubernetes_config_map_v1.probes.metadata[0].name
          }
        }
      }
    }
  }
}

resource "kubernetes_service_v1" "console" {
  metadata {
    name      = "console"
    namespace = kubernetes_namespace_v1.telemetry.metadata[0].name
  }
  spec {
    selector = { "app.kubernetes.io/name" = "console" }
    port {
      port        = 4318
      target_port = 4318
    }
  }
}
