variable "namespace" {
  description = "The namespace of all systems."
  type        = string
  default     = "telemetry"
}

variable "systems" {
  description = "Which systems are deployed."
  type        = list(string)
  default     = ["albums", "tweets", "spaceports", "apollo11", "hello-world"]

  validation {
    condition     = alltrue([for name in var.systems : contains(["albums", "tweets", "spaceports", "apollo11", "hello-world"], name)])
    error_message = "Systems are albums, tweets, spaceports, apollo11 and hello-world."
  }
}

variable "registry" {
  description = "Where the images are, as ghcr.io/OWNER/REPOSITORY."
  type        = string
}

variable "image_tag" {
  description = "The tag of the images."
  type        = string
}

variable "telemetry_endpoint" {
  description = "Where services send OTLP over HTTP: the collector of the cluster, or any other receiver."
  type        = string
  default     = "http://telemetry:4318"
}

variable "logs_endpoint" {
  description = "The base URL of a receiver of log records by OTLP over HTTP, as VictoriaLogs and Loki are."
  type        = string
  default     = "http://victorialogs:9428/insert/opentelemetry"
}

variable "database_host" {
  description = "The host of PostgreSQL."
  type        = string
}

variable "database_port" {
  description = "The port of PostgreSQL."
  type        = number
  default     = 5432
}

variable "database_user" {
  description = "The user of PostgreSQL that owns the databases."
  type        = string
  default     = "telemetry"
}

variable "database_password" {
  description = "The password of that user: letters and digits, since it is part of a URL."
  type        = string
  sensitive   = true
}

variable "domain" {
  description = "The domain below which each system has a name of its own; empty for no ingress."
  type        = string
  default     = ""
}
