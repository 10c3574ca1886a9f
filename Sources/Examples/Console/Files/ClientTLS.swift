// The TLS of connections that the console makes.

import Telemetry

/// What `tls_config` of Prometheus' `http_config` says.
struct ClientTLS: Sendable {
    var options = TLSOptions()
    /// The name that the certificate must be for; nil for that of the target.
    var serverName: String?
    /// Nil without a library, with the reason beside it.
    var context: TLSContext?
    var problem = ""
}
