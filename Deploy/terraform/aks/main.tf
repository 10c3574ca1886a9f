# Azure: a cluster with kubenet and calico, a PostgreSQL that only its network reaches, and the systems.

resource "azurerm_resource_group" "this" {
  name     = var.name
  location = var.location
}

resource "azurerm_virtual_network" "this" {
  name                = var.name
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location
  address_space       = ["10.10.0.0/16"]
}

resource "azurerm_subnet" "nodes" {
  name                 = "nodes"
  resource_group_name  = azurerm_resource_group.this.name
  virtual_network_name = azurerm_virtual_network.this.name
  address_prefixes     = ["10.10.0.0/20"]
}

resource "azurerm_subnet" "database" {
  name                 = "database"
  resource_group_name  = azurerm_resource_group.this.name
  virtual_network_name = azurerm_virtual_network.this.name
  address_prefixes     = ["10.10.16.0/24"]

  delegation {
    name = "postgresql"
    service_delegation {
      name    = "Microsoft.DBforPostgreSQL/flexibleServers"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

resource "azurerm_private_dns_zone" "database" {
  name                = "${var.name}.postgres.database.azure.com"
  resource_group_name = azurerm_resource_group.this.name
}

resource "azurerm_private_dns_zone_virtual_network_link" "database" {
  name                  = "database"
  resource_group_name   = azurerm_resource_group.this.name
  private_dns_zone_name = azurerm_private_dns_zone.database.name
  virtual_network_id    = azurerm_virtual_network.this.id
}

resource "random_password" "database" {
  length  = 32
  special = false
}

resource "azurerm_postgresql_flexible_server" "this" {
  name                          = var.name
  resource_group_name           = azurerm_resource_group.this.name
  location                      = azurerm_resource_group.this.location
  version                       = "15"
  sku_name                      = "B_Standard_B2s"
  storage_mb                    = 32768
  administrator_login           = "telemetry"
  administrator_password        = random_password.database.result
  delegated_subnet_id           = azurerm_subnet.database.id
  private_dns_zone_id           = azurerm_private_dns_zone.database.id
  public_network_access_enabled = false
  backup_retention_days         = 7
  geo_redundant_backup_enabled  = true
  zone                          = "1"
  depends_on                    = [azurerm_private_dns_zone_virtual_network_link.database]
}

resource "azurerm_postgresql_flexible_server_database" "this" {
  for_each  = module.systems.databases
  name      = each.key
  server_id = azurerm_postgresql_flexible_server.this.id
}

resource "azurerm_kubernetes_cluster" "this" {
  name                      = var.name
  resource_group_name       = azurerm_resource_group.this.name
  location                  = azurerm_resource_group.this.location
  dns_prefix                = var.name
  sku_tier                  = "Standard"
  automatic_upgrade_channel = "patch"
  local_account_disabled    = true
  azure_policy_enabled      = true

  default_node_pool {
    name                         = "nodes"
    vm_size                      = "Standard_DS2_v2"
    node_count                   = 2
    vnet_subnet_id               = azurerm_subnet.nodes.id
    max_pods                     = 110
    os_disk_type                 = "Ephemeral"
    only_critical_addons_enabled = false
    host_encryption_enabled      = true
  }

  network_profile {
    network_plugin = "kubenet"
    network_policy = "calico"
  }

  api_server_access_profile {
    authorized_ip_ranges = var.administrator_networks
  }

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled = true
  }

  identity {
    type = "SystemAssigned"
  }
}

module "systems" {
  source            = "../modules/systems"
  registry          = var.registry
  image_tag         = var.image_tag
  domain            = var.domain
  database_host     = azurerm_postgresql_flexible_server.this.fqdn
  database_user     = azurerm_postgresql_flexible_server.this.administrator_login
  database_password = random_password.database.result
  depends_on        = [azurerm_kubernetes_cluster.this]
}
