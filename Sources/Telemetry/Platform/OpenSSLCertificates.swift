// The binding to those functions of OpenSSL that tell what a handshake has agreed on.

/// The functions that read version, cipher and certificates of a connection. Versions 1.1.1 and 3 have all of them, with the same types.
struct OpenSSLCertificates: Sendable {
    /// Those of the system's library; nil if it lacks one.
    static let system: OpenSSLCertificates? = try? OpenSSLCertificates(DynamicLibrary(anyOf: ["libssl.so.3", "libssl.so.1.1"]))

    private static let maximumCount: Int32 = 32
    private static let maximumBytes: Int32 = 64 << 10

    private let version: @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?
    private let cipher: @convention(c) (OpaquePointer?) -> OpaquePointer?
    private let cipherName: @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?
    private let sent: @convention(c) (OpaquePointer?) -> OpaquePointer?
    private let verified: @convention(c) (OpaquePointer?) -> OpaquePointer?
    private let count: @convention(c) (OpaquePointer?) -> Int32
    private let element: @convention(c) (OpaquePointer?, Int32) -> OpaquePointer?
    private let encode: @convention(c) (OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32

    private init(_ library: DynamicLibrary) throws(DynamicLibrary.Failure) {
        version = try library.function("SSL_get_version")
        cipher = try library.function("SSL_get_current_cipher")
        cipherName = try library.function("SSL_CIPHER_standard_name")
        sent = try library.function("SSL_get_peer_cert_chain")
        verified = try library.function("SSL_get0_verified_chain")
        count = try library.function("OPENSSL_sk_num")
        element = try library.function("OPENSSL_sk_value")
        encode = try library.function("i2d_X509")
    }

    /// Returns the version in OpenSSL's words, such as `TLSv1.3`.
    func version(_ session: OpaquePointer) -> String { version(session).map { String(cString: $0) } ?? "" }

    /// Returns the cipher in the words of the standards, such as `TLS_AES_128_GCM_SHA256`.
    func cipher(_ session: OpaquePointer) -> String { cipherName(cipher(session)).map { String(cString: $0) } ?? "" }

    /// Returns the certificates that the peer has sent, its own first. (DER.)
    func sentCertificates(_ session: OpaquePointer) -> [[UInt8]] { certificates(sent(session)) }

    /// Returns the certificates from the peer's own to that of the authority, if the peer was verified. (DER.)
    func verifiedCertificates(_ session: OpaquePointer) -> [[UInt8]] { certificates(verified(session)) }

    private func certificates(_ stack: OpaquePointer?) -> [[UInt8]] {
        guard let stack else { return [] }
        return (0..<max(0, min(count(stack), Self.maximumCount))).compactMap { index in
            let certificate = element(stack, index)
            let size = encode(certificate, nil)
            guard size > 0, size <= Self.maximumBytes else { return nil }
            return [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, written in
                var place = buffer.baseAddress
                written = Int(max(0, min(size, encode(certificate, &place))))
            }
        }
    }
}
