// The certificate files of a TLS client.

/// The authorities that a client trusts, and its own certificate. Files are PEM.
package struct TLSOptions: Sendable, Hashable {
    /// The file of trusted authorities, instead of the system's.
    package var certificateAuthorityFile: String?
    /// The client's certificate, followed by intermediate certificates.
    package var clientCertificateFile: String?
    /// The key of the client's certificate.
    package var clientKeyFile: String?

    /// True to offer HTTP/2 in the handshake instead of HTTP/1.1.
    var speaksHTTP2 = false

    package init(certificateAuthorityFile: String? = nil, clientCertificateFile: String? = nil, clientKeyFile: String? = nil) {
        self.certificateAuthorityFile = certificateAuthorityFile
        self.clientCertificateFile = clientCertificateFile
        self.clientKeyFile = clientKeyFile
    }
}
