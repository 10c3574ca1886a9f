// The certificate files of a TLS server.

/// The certificate of a server, and the authorities of its clients' certificates. Files are PEM.
package struct TLSServerOptions: Sendable, Hashable {
    /// The certificate, followed by intermediate certificates.
    package var certificateFile: String
    package var keyFile: String
    /// The authorities one of which has signed each client's certificate; nil asks clients for none.
    package var clientAuthorityFile: String?

    package init(certificateFile: String, keyFile: String, clientAuthorityFile: String? = nil) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.clientAuthorityFile = clientAuthorityFile
    }
}
