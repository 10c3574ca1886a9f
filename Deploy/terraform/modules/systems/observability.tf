# What looks at the systems: a collector as the service `telemetry`, Jaeger, and Prometheus with Grafana, the dashboards and the rules of this
# repository. Redis is a cache that may be lost: it runs in the cluster. The charts are those of their projects; pin their versions once tried.

locals {
  rules = "${path.module}/../../../prometheus/rules"
  # The jobs of a cluster: annotated pods, among them those of the collector, and the probes, which the console makes in the place of blackbox_exporter.
  scrape_jobs = yamldecode(replace(file("${path.module}/../../../prometheus/kubernetes.yml"), "blackbox:9115", "console:4318")).scrape_configs
  # What Prometheus has to tell the console, who it is.
  console_authorization = { type = "Bearer", credentials_file = "/etc/prometheus/secrets/${kubernetes_secret_v1.console.metadata[0].name}/token" }
}

resource "helm_release" "jaeger" {
  name       = "jaeger"
  namespace  = kubernetes_namespace_v1.telemetry.metadata[0].name
  repository = "https://jaegertracing.github.io/helm-charts"
  chart      = "jaeger"
  values     = [yamlencode({ fullnameOverride = "jaeger" })]
}

resource "helm_release" "collector" {
  name       = "collector"
  namespace  = kubernetes_namespace_v1.telemetry.metadata[0].name
  repository = "https://open-telemetry.github.io/opentelemetry-helm-charts"
  chart      = "opentelemetry-collector"
  values = [yamlencode({
    mode             = "deployment"
    fullnameOverride = "telemetry"
    replicaCount     = 2
    image            = { repository = "otel/opentelemetry-collector-contrib" }
    # Prometheus scrapes what it says of itself.
    podAnnotations = { "prometheus.io/scrape" = "true", "prometheus.io/port" = "8888", "prometheus.io/path" = "/metrics" }
    ports          = { metrics = { enabled = true, containerPort = 8888, servicePort = 8888, protocol = "TCP" } }
    # The chart merges this into its own, which has health checks.
    config = yamldecode(file("${path.module}/../../../otel/collector.yaml"))
    extraEnvs = [
      { name = "JAEGER_ENDPOINT", value = "http://jaeger:4317" },
      { name = "LOGS_ENDPOINT", value = var.logs_endpoint },
      { name = "METRICS_ENDPOINT", value = "http://prometheus-prometheus:9090/api/v1/otlp" },
    ]
  })]
}

resource "helm_release" "prometheus" {
  name       = "prometheus"
  namespace  = kubernetes_namespace_v1.telemetry.metadata[0].name
  repository = "https://prometheus-community.github.io/helm-charts"
  chart      = "kube-prometheus-stack"
  values = [yamlencode({
    fullnameOverride = "prometheus"
    # It needs the network and the disks of its node, which the namespace does not allow.
    nodeExporter = { enabled = false }
    prometheus = { prometheusSpec = {
      enableOTLPReceiver                      = true
      serviceMonitorSelectorNilUsesHelmValues = false
      secrets                                 = [kubernetes_secret_v1.console.metadata[0].name]
      additionalScrapeConfigs = [
        for job in local.scrape_jobs :
        merge(job, { for key, value in { authorization = local.console_authorization } : key => value if job.job_name == "probes" })
      ]
    } }
    additionalPrometheusRulesMap = {
      recording = yamldecode(file("${local.rules}/recording.yml"))
      alerts    = yamldecode(file("${local.rules}/alerts.yml"))
    }
    grafana = { admin = { existingSecret = kubernetes_secret_v1.grafana.metadata[0].name, passwordKey = "password", userKey = "user" } }
  })]
}

# The sidecar of Grafana loads what has this label.
resource "kubernetes_config_map_v1" "dashboards" {
  for_each = fileset("${path.module}/../../../grafana/dashboards", "*.json")
  metadata {
    name      = "dashboard-${trimsuffix(each.key, ".json")}"
    namespace = kubernetes_namespace_v1.telemetry.metadata[0].name
    labels    = { grafana_dashboard = "1" }
  }
  data = { (each.key) = file("${path.module}/../../../grafana/dashboards/${each.key}") }
}

resource "kubernetes_deployment_v1" "redis" {
  metadata {
    name      = "redis"
    namespace = kubernetes_namespace_v1.telemetry.metadata[0].name
  }
  spec {
    replicas = 1
    selector {
      match_labels = { "app.kubernetes.io/name" = "redis" }
    }
    template {
      metadata {
        labels = { "app.kubernetes.io/name" = "redis" }
      }
      spec {
        automount_service_account_token = false
        security_context {
          run_as_non_root = true
          run_as_user     = 999
          seccomp_profile {
            type = "RuntimeDefault"
          }
        }
        container {
          name              = "redis"
          image             = "redis:7-alpine"
          image_pull_policy = "Always"
          command           = ["sh", "-c", "exec redis-server --save '' --requirepass \"$REDIS_PASSWORD\""]
          port {
            container_port = 6379
          }
          env {
            name = "REDIS_PASSWORD"
            value_from {
              secret_key_ref {
                name = kubernetes_secret_v1.redis.metadata[0].name
                key  = "password"
              }
            }
          }
          readiness_probe {
            tcp_socket {
              port = 6379
            }
          }
          liveness_probe {
            tcp_socket {
              port = 6379
            }
          }
          resources {
            requests = { cpu = "50m", memory = "64Mi" }
            limits   = { cpu = "1", memory = "256Mi" }
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

resource "kubernetes_service_v1" "redis" {
  metadata {
    name      = "redis"
    namespace = kubernetes_namespace_v1.telemetry.metadata[0].name
  }
  spec {
    selector = { "app.kubernetes.io/name" = "redis" }
    port {
      port        = 6379
      target_port = 6379
    }
  }
}
