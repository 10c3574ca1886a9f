// What is known of the other end of a TLS connection.

/// The facts of a handshake: version, cipher and certificates.
package struct TLSPeer: Sendable {
    /// In OpenSSL's words, such as `TLSv1.3`.
    package let version: String
    /// In the words of the standards, such as `TLS_AES_128_GCM_SHA256`.
    package let cipher: String
    /// The certificates that the peer has sent, its own first, in DER.
    package let certificates: [[UInt8]]
    /// The certificates from the peer's own to that of the authority, in DER; none if the peer was not verified.
    package let verifiedChain: [[UInt8]]

    init(_ library: OpenSSLCertificates, _ session: OpaquePointer, isVerified: Bool) {
        version = library.version(session)
        cipher = library.cipher(session)
        certificates = library.sentCertificates(session)
        // OpenSSL builds a chain even where it was told not to verify.
        verifiedChain = isVerified ? library.verifiedCertificates(session) : []
    }
}
