// The certificate files of a TLS client.

/// The authorities that a client trusts, and its own certificate. Files are PEM.
package struct TLSOptions: Sendable, Hashable {
    /// The file of trusted authorities, instead of the system's.
    package var certificateAuthorityFile: String?
    /// The client's certificate, followed by intermediate certificates.
    package var clientCertificateFile: String?
    /// The key of the client's certificate.
    package var clientKeyFile: String?

    /// False to take any certificate, also one that has expired or is for another host.
    package var verifiesPeer = true
    /// False to offer no protocol in the handshake, for what is not HTTP.
    package var offersProtocol = true
    /// The versions that are spoken; nil for those that OpenSSL speaks, from TLS 1.2.
    package var minimumVersion: Version?
    package var maximumVersion: Version?
    /// True to offer HTTP/2 in the handshake instead of HTTP/1.1.
    var speaksHTTP2 = false

    /// A version of TLS by its number in the handshake.
    package enum Version: Int, Sendable { case tls12 = 0x0303, tls13 = 0x0304 }

    package init(certificateAuthorityFile: String? = nil, clientCertificateFile: String? = nil, clientKeyFile: String? = nil) {
        self.certificateAuthorityFile = certificateAuthorityFile
        self.clientCertificateFile = clientCertificateFile
        self.clientKeyFile = clientKeyFile
    }
}
