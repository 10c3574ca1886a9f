output "cluster" {
  description = "The name of the cluster."
  value       = azurerm_kubernetes_cluster.this.name
}

output "namespace" {
  description = "The namespace of all systems."
  value       = module.systems.namespace
}
