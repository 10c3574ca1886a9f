// The binding to OpenSSL, which is loaded at run time.

/// The functions of OpenSSL that the SDK calls. Versions 1.1.1 and 3 have all of them, with the same types.
///
/// OpenSSL never gets a descriptor, since its writes to sockets would raise SIGPIPE: it reads and writes memory only.
struct OpenSSL: Sendable {
    /// The system's library, opened on first use.
    static let system: Result<OpenSSL, DynamicLibrary.Failure> = {
        do throws(DynamicLibrary.Failure) {
            return .success(try OpenSSL(DynamicLibrary(anyOf: ["libssl.so.3", "libssl.so.1.1"])))
        } catch {
            return .failure(error)
        }
    }()

    typealias PasswordCallback = @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32
    typealias CertificateCallback = @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int32

    // What is configured once: `SSL_CTX_…`.
    let clientMethod: @convention(c) () -> OpaquePointer?
    let newContext: @convention(c) (OpaquePointer?) -> OpaquePointer?
    let freeContext: @convention(c) (OpaquePointer?) -> Void
    let controlContext: @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int
    let setOptions: @convention(c) (OpaquePointer?, UInt) -> UInt
    let setVerification: @convention(c) (OpaquePointer?, Int32, UnsafeRawPointer?) -> Void
    let useSystemAuthorities: @convention(c) (OpaquePointer?) -> Int32
    let loadAuthorities: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Int32
    let contextParameters: @convention(c) (OpaquePointer?) -> OpaquePointer?
    let useCertificateChainFile: @convention(c) (OpaquePointer?, UnsafePointer<CChar>) -> Int32
    let useKeyFile: @convention(c) (OpaquePointer?, UnsafePointer<CChar>, Int32) -> Int32
    let checkKey: @convention(c) (OpaquePointer?) -> Int32
    let setPasswordCallback: @convention(c) (OpaquePointer?, PasswordCallback?) -> Void
    let setPasswordArgument: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Void
    let setCertificateCallback: @convention(c) (OpaquePointer?, CertificateCallback?) -> Void
    /// Returns zero for success, unlike all other functions.
    let setProtocols: @convention(c) (OpaquePointer?, UnsafePointer<UInt8>, UInt32) -> Int32

    // One connection: `SSL_…`.
    let newSession: @convention(c) (OpaquePointer?) -> OpaquePointer?
    let freeSession: @convention(c) (OpaquePointer?) -> Void
    let controlSession: @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int
    let sessionParameters: @convention(c) (OpaquePointer?) -> OpaquePointer?
    let setExpectedHost: @convention(c) (OpaquePointer?, UnsafePointer<CChar>) -> Int32
    let setHostFlags: @convention(c) (OpaquePointer?, UInt32) -> Void
    let setExtraData: @convention(c) (OpaquePointer?, Int32, UnsafeMutableRawPointer?) -> Int32
    let extraData: @convention(c) (OpaquePointer?, Int32) -> UnsafeMutableRawPointer?
    let setMemories: @convention(c) (OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Void
    let setClientSide: @convention(c) (OpaquePointer?) -> Void
    let handshake: @convention(c) (OpaquePointer?) -> Int32
    let read: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, Int32) -> Int32
    let peek: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, Int32) -> Int32
    let write: @convention(c) (OpaquePointer?, UnsafeRawPointer?, Int32) -> Int32
    let close: @convention(c) (OpaquePointer?) -> Int32
    let sessionError: @convention(c) (OpaquePointer?, Int32) -> Int32
    let verificationResult: @convention(c) (OpaquePointer?) -> Int
    let agreedProtocol: @convention(c) (OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>, UnsafeMutablePointer<UInt32>) -> Void

    // Shared by both: certificates, memory BIOs, and the error queue of the thread.
    let setParameterFlags: @convention(c) (OpaquePointer?, UInt) -> Int32
    let setExpectedAddress: @convention(c) (OpaquePointer?, UnsafePointer<CChar>) -> Int32
    let verificationText: @convention(c) (Int) -> UnsafePointer<CChar>?
    let memoryMethod: @convention(c) () -> OpaquePointer?
    let newMemory: @convention(c) (OpaquePointer?) -> OpaquePointer?
    let freeMemory: @convention(c) (OpaquePointer?) -> Int32
    let readMemory: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, Int32) -> Int32
    let writeMemory: @convention(c) (OpaquePointer?, UnsafeRawPointer?, Int32) -> Int32
    let firstError: @convention(c) () -> UInt
    let clearErrors: @convention(c) () -> Void
    let errorText: @convention(c) (UInt) -> UnsafePointer<CChar>?
    private let isVersion3: Bool

    private init(_ library: DynamicLibrary) throws(DynamicLibrary.Failure) {
        clientMethod = try library.function("TLS_client_method")
        newContext = try library.function("SSL_CTX_new")
        freeContext = try library.function("SSL_CTX_free")
        controlContext = try library.function("SSL_CTX_ctrl")
        setOptions = try library.function("SSL_CTX_set_options")
        setVerification = try library.function("SSL_CTX_set_verify")
        useSystemAuthorities = try library.function("SSL_CTX_set_default_verify_paths")
        loadAuthorities = try library.function("SSL_CTX_load_verify_locations")
        contextParameters = try library.function("SSL_CTX_get0_param")
        useCertificateChainFile = try library.function("SSL_CTX_use_certificate_chain_file")
        useKeyFile = try library.function("SSL_CTX_use_PrivateKey_file")
        checkKey = try library.function("SSL_CTX_check_private_key")
        setPasswordCallback = try library.function("SSL_CTX_set_default_passwd_cb")
        setPasswordArgument = try library.function("SSL_CTX_set_default_passwd_cb_userdata")
        setCertificateCallback = try library.function("SSL_CTX_set_client_cert_cb")
        setProtocols = try library.function("SSL_CTX_set_alpn_protos")
        newSession = try library.function("SSL_new")
        freeSession = try library.function("SSL_free")
        controlSession = try library.function("SSL_ctrl")
        sessionParameters = try library.function("SSL_get0_param")
        setExpectedHost = try library.function("SSL_set1_host")
        setHostFlags = try library.function("SSL_set_hostflags")
        setExtraData = try library.function("SSL_set_ex_data")
        extraData = try library.function("SSL_get_ex_data")
        setMemories = try library.function("SSL_set_bio")
        setClientSide = try library.function("SSL_set_connect_state")
        handshake = try library.function("SSL_do_handshake")
        read = try library.function("SSL_read")
        peek = try library.function("SSL_peek")
        write = try library.function("SSL_write")
        close = try library.function("SSL_shutdown")
        sessionError = try library.function("SSL_get_error")
        verificationResult = try library.function("SSL_get_verify_result")
        agreedProtocol = try library.function("SSL_get0_alpn_selected")
        setParameterFlags = try library.function("X509_VERIFY_PARAM_set_flags")
        setExpectedAddress = try library.function("X509_VERIFY_PARAM_set1_ip_asc")
        verificationText = try library.function("X509_verify_cert_error_string")
        memoryMethod = try library.function("BIO_s_mem")
        newMemory = try library.function("BIO_new")
        freeMemory = try library.function("BIO_free")
        readMemory = try library.function("BIO_read")
        writeMemory = try library.function("BIO_write")
        firstError = try library.function("ERR_get_error")
        clearErrors = try library.function("ERR_clear_error")
        errorText = try library.function("ERR_reason_error_string")
        let version: @convention(c) () -> UInt = try library.function("OpenSSL_version_num")
        isVersion3 = version() >> 28 >= 3
        // Without a clean-up at the end of the process: the export worker may be in the middle of a call then.
        let initialize: @convention(c) (UInt64, UnsafeRawPointer?) -> Int32 = try library.function("OPENSSL_init_ssl")
        _ = initialize(Constant.withoutCleanUp, nil)
    }

    /// Constants of OpenSSL's headers.
    enum Constant {
        static let withoutCleanUp: UInt64 = 0x0008_0000
        static let setMode: Int32 = 33
        static let releaseBuffers = 0x10
        static let setServerName: Int32 = 55
        static let setMinimumVersion: Int32 = 123
        static let setMaximumVersion: Int32 = 124
        static let getMinimumVersion: Int32 = 130
        static let version12 = 0x0303
        static let withoutRenegotiation: UInt = 0x4000_0000
        static let verifyPeer: Int32 = 1
        static let refuseMissingCertificate: Int32 = 2
        static let pemFile: Int32 = 1
        static let partialChain: UInt = 0x8_0000
        static let withoutPartialWildcards: UInt32 = 4
        /// The results of `SSL_get_error` for empty input memory and for a close by the peer.
        static let wantsRead: Int32 = 2
        static let hasClosed: Int32 = 6
    }

    /// Returns the first error in the queue of the thread, and clears the queue.
    func takeError() -> Failure? {
        let code = firstError()
        clearErrors()
        guard code != 0 else { return nil }
        // Version 3 marks errors of the operating system with bit 31, version 1.1 with the library number 2.
        let isSystem = isVersion3 ? code & 0x8000_0000 != 0 : code >> 24 == 2
        if isSystem {
            let number = Int32(truncatingIfNeeded: isVersion3 ? code & 0x7FFF_FFFF : code & 0xFFF)
            return Failure(reason: nil, description: SocketError(code: number).description)
        }
        let library = isVersion3 ? code >> 23 & 0xFF : code >> 24 & 0xFF
        let reason = Int(isVersion3 ? code & 0x7F_FFFF : code & 0xFFF)
        let text = errorText(code).map { String(cString: $0) }
        return Failure(reason: library == Self.libraryOfTLS ? reason : nil, description: text ?? "OpenSSL's error \(code)")
    }

    /// One error of OpenSSL.
    struct Failure: Error, Hashable {
        /// The number of the reason where TLS itself failed; nil elsewhere.
        let reason: Int?
        let description: String
    }

    private static let libraryOfTLS: UInt = 20
}
