output "cluster" {
  description = "The name of the cluster."
  value       = module.cluster.cluster_name
}

output "namespace" {
  description = "The namespace of all systems."
  value       = module.systems.namespace
}
