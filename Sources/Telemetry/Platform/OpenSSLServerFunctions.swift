// The binding to what OpenSSL has for servers, and to the names in certificates.

/// The functions of OpenSSL for the server's side of connections, and for the names of the peer. Programs without either never look for them.
struct OpenSSLServerFunctions: Sendable {
    /// The system's library, opened on first use.
    static let system: Result<OpenSSLServerFunctions, DynamicLibrary.Failure> = {
        do throws(DynamicLibrary.Failure) {
            return .success(try OpenSSLServerFunctions(DynamicLibrary(anyOf: ["libssl.so.3", "libssl.so.1.1"])))
        } catch {
            return .failure(error)
        }
    }()

    let method: @convention(c) () -> OpaquePointer?
    let setServerSide: @convention(c) (OpaquePointer?) -> Void
    let setSessionContext: @convention(c) (OpaquePointer?, UnsafePointer<UInt8>, UInt32) -> Int32
    private let certificate: @convention(c) (OpaquePointer?) -> OpaquePointer?
    private let freeCertificate: @convention(c) (OpaquePointer?) -> Void
    private let certificateExtension:
        @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<Int32>?) -> OpaquePointer?
    private let count: @convention(c) (OpaquePointer?) -> Int32
    private let element: @convention(c) (OpaquePointer?, Int32) -> OpaquePointer?
    private let freeNames: @convention(c) (OpaquePointer?) -> Void
    private let value: @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int32>) -> OpaquePointer?
    private let textLength: @convention(c) (OpaquePointer?) -> Int32
    private let text: @convention(c) (OpaquePointer?) -> UnsafePointer<UInt8>?

    /// More names than a certificate has.
    private static let maximumNames: Int32 = 256

    private enum Constant {
        /// `NID_subject_alt_name`.
        static let alternativeNames: Int32 = 85
        /// `GEN_DNS`.
        static let host: Int32 = 2
        /// `GEN_URI`.
        static let uri: Int32 = 6
    }

    private init(_ library: DynamicLibrary) throws(DynamicLibrary.Failure) {
        method = try library.function("TLS_server_method")
        setServerSide = try library.function("SSL_set_accept_state")
        setSessionContext = try library.function("SSL_CTX_set_session_id_context")
        // Version 3 has renamed it.
        if let renamed: @convention(c) (OpaquePointer?) -> OpaquePointer? = library.functionIfPresent("SSL_get1_peer_certificate") {
            certificate = renamed
        } else {
            certificate = try library.function("SSL_get_peer_certificate")
        }
        freeCertificate = try library.function("X509_free")
        certificateExtension = try library.function("X509_get_ext_d2i")
        count = try library.function("OPENSSL_sk_num")
        element = try library.function("OPENSSL_sk_value")
        freeNames = try library.function("GENERAL_NAMES_free")
        value = try library.function("GENERAL_NAME_get0_value")
        textLength = try library.function("ASN1_STRING_length")
        text = try library.function("ASN1_STRING_get0_data")
    }

    /// Returns the host names and URIs of the certificate that the peer of a session has shown.
    func peerNames(_ session: OpaquePointer) -> [TLSPeerName] {
        guard let shown = certificate(session) else { return [] }
        defer { freeCertificate(shown) }
        guard let names = certificateExtension(shown, Constant.alternativeNames, nil, nil) else { return [] }
        defer { freeNames(names) }
        return (0..<min(max(0, count(names)), Self.maximumNames)).compactMap { index in
            var kind: Int32 = 0
            guard let text = value(element(names, index), &kind), kind == Constant.host || kind == Constant.uri,
                let start = self.text(text)
            else { return nil }
            let bytes = UnsafeBufferPointer(start: start, count: Int(max(0, textLength(text))))
            // A name with NUL is one that other programs read only in part.
            guard !bytes.contains(0) else { return nil }
            let name = String(decoding: bytes, as: UTF8.self)
            return kind == Constant.host ? .host(name) : .uri(name)
        }
    }
}
