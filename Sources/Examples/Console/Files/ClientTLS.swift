// The TLS of connections that the console makes.

import Synchronization
import Telemetry

/// What `tls_config` of Prometheus' `http_config` says.
struct ClientTLS: Sendable {
    var options = TLSOptions()
    /// The name that the certificate must be for; nil for that of the target.
    var serverName: String?
    /// Nil without a library, with the reason beside it.
    var context: TLSContext?
    var problem = ""

    /// The contexts that need no files of their own, which all modules share: reading the system's authorities takes OpenSSL tens of milliseconds.
    private static let shared = Mutex<[TLSOptions: TLSContext]>([:])

    /// Returns a context for these options.
    ///
    /// - Throws: an error that names the library and how to install it, or the file and what is wrong with it.
    static func context(_ options: TLSOptions) throws(ConfigurationError) -> TLSContext {
        let files = [options.certificateAuthorityFile, options.clientCertificateFile, options.clientKeyFile]
        guard files.allSatisfy({ $0 == nil }) else { return try TLSContext(options) }
        if let known = shared.withLock({ $0[options] }) { return known }
        let made = try TLSContext(options)
        // There is one for each combination of versions and switches.
        return shared.withLock { shared in
            if let known = shared[options] { return known }
            shared[options] = made
            return made
        }
    }
}
