variable "name" {
  description = "The name of the cluster and of what belongs to it."
  type        = string
  default     = "telemetry"
}

variable "registry" {
  description = "Where the images are, as ghcr.io/OWNER/REPOSITORY."
  type        = string
}

variable "image_tag" {
  description = "The tag of the images."
  type        = string
  default     = "0.1.0"
}

variable "domain" {
  description = "The domain of the systems; empty for no ingress."
  type        = string
  default     = ""
}

variable "administrator_networks" {
  description = "The networks from which the cluster may be administered, as 198.51.100.0/24."
  type        = list(string)

  validation {
    condition     = length(var.administrator_networks) > 0 && !contains(var.administrator_networks, "0.0.0.0/0")
    error_message = "Name the networks of the administrators; 0.0.0.0/0 is everybody."
  }
}

variable "project" {
  description = "The project."
  type        = string
}

variable "region" {
  description = "The region."
  type        = string
  default     = "europe-west3"
}
