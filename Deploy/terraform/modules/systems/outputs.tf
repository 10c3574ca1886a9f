output "databases" {
  description = "The databases that the systems need."
  value       = local.databases
}

output "namespace" {
  description = "The namespace of all systems."
  value       = kubernetes_namespace_v1.telemetry.metadata[0].name
}
