output "cluster" {
  description = "The name of the cluster."
  value       = google_container_cluster.this.name
}

output "namespace" {
  description = "The namespace of all systems."
  value       = module.systems.namespace
}
