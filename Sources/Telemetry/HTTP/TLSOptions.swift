// The certificate files of a TLS client.

/// Whom a client trusts, and how it proves who it is. Files are PEM.
package struct TLSOptions: Sendable, Hashable {
    /// The authorities that may have signed the server's certificate, instead of the system's.
    package var certificateAuthorityFile: String?
    /// The client's own certificate, followed by those that lead to an authority.
    package var clientCertificateFile: String?
    /// The key that belongs to the client's certificate.
    package var clientKeyFile: String?

    package init(certificateAuthorityFile: String? = nil, clientCertificateFile: String? = nil, clientKeyFile: String? = nil) {
        self.certificateAuthorityFile = certificateAuthorityFile
        self.clientCertificateFile = clientCertificateFile
        self.clientKeyFile = clientKeyFile
    }
}
