// TLS without a socket: OpenSSL reads from and writes to memory.

/// One TLS connection, between plain bytes and records that its owner exchanges with the peer.
///
/// Must be used by one thread at a time.
final class TLSSession {
    /// The most that one record carries. (RFC 8446 §5.1.)
    static let maximumRecord = 16 * 1024

    /// The outcome of a step.
    enum Outcome: Equatable {
        case done(Int)
        /// The step needs more bytes from the peer.
        case needsInput
        /// The peer has sent a close notification.
        case closed
        case failed(TLSFailure)
    }

    private let context: TLSContext
    private let library: OpenSSL
    private let session: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    /// The host whose certificate is expected; nil for a server, and for a client that checks the names itself.
    private let host: String?
    private let certificateRequest = CertificateRequestNote()
    /// True once the server has asked for a certificate that the client does not have.
    private var isCertificateMissing: Bool { certificateRequest.isUnanswered }
    /// The first two bytes from the peer: the type of a record and the first half of its version, if the peer speaks TLS.
    private var firstBytes: [UInt8] = []

    /// Makes a session of a client that verifies the host name or address; returns nil if that is not possible or there is no memory.
    ///
    /// - Parameter host: nil verifies only which authority the certificate comes from.
    convenience init?(_ context: TLSContext, host: String?) {
        // Certificates contain neither zones of addresses nor final dots of names.
        let name = host.map { $0.prefix { $0 != "%" } }
        self.init(context, expecting: name.map { String($0.hasSuffix(".") ? $0.dropLast() : $0) })
        library.setClientSide(session)
        guard library.setExtraData(session, 0, Unmanaged.passUnretained(certificateRequest).toOpaque()) == 1, expectHost() else {
            return nil
        }
    }

    /// Makes a session of a server; returns nil if there is no memory.
    convenience init?(acceptingWith context: TLSContext) {
        guard let server = context.server else { return nil }
        self.init(context, expecting: nil)
        server.setServerSide(session)
    }

    private init?(_ context: TLSContext, expecting host: String?) {
        library = context.library
        self.host = host
        self.context = context
        guard let session = library.newSession(context.pointer) else { return nil }
        guard let incoming = library.newMemory(library.memoryMethod()) else {
            library.freeSession(session)
            return nil
        }
        guard let outgoing = library.newMemory(library.memoryMethod()) else {
            _ = library.freeMemory(incoming)
            library.freeSession(session)
            return nil
        }
        (self.session, self.incoming, self.outgoing) = (session, incoming, outgoing)
        // The session owns both memory BIOs from here on.
        library.setMemories(session, incoming, outgoing)
    }

    deinit {
        library.freeSession(session)
    }

    /// Sets the host that the certificate must name; returns false if that failed, since nothing would be verified then.
    private func expectHost() -> Bool {
        guard let host else { return true }
        if IPAddress(host) != nil { return library.setExpectedAddress(library.sessionParameters(session), host) == 1 }
        library.setHostFlags(session, OpenSSL.Constant.withoutPartialWildcards)
        guard library.setExpectedHost(session, host) == 1 else { return false }
        // The server name indication contains names only, no addresses. (RFC 6066 §3.)
        return host.withCString { name in
            library.controlSession(session, OpenSSL.Constant.setServerName, 0, UnsafeMutableRawPointer(mutating: name)) == 1
        }
    }

    /// The protocol that both ends have agreed on; nil for none.
    var agreedProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        library.agreedProtocol(session, &name, &count)
        return count == 0 ? nil : String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    /// The facts of the handshake, which must be over; nil if the library does not tell them.
    var peer: TLSPeer? { OpenSSLCertificates.system.map { TLSPeer($0, session, isVerified: context.verifiesPeer) } }

    /// The host names and URIs of the certificate that the peer has shown; none without one.
    var peerNames: [TLSPeerName] {
        guard case .success(let functions) = OpenSSLServerFunctions.system else { return [] }
        return functions.peerNames(session)
    }

    /// A hint at why the server has closed without a response; nil if there is none.
    var hintAtClose: String? {
        // With TLS 1.3 a server refuses a client without certificate only after the client's handshake is over.
        if isCertificateMissing { return "it asked for a client certificate and got none; if it demands one, give it one, with its key" }
        guard agreedProtocol == nil, !context.speaksHTTP2 else { return nil }
        return
            "it did not agree to speak HTTP/1.1; is this a gRPC port? The protocol grpc sends there, and OTLP over HTTP is usually on port"
            + " 4318"
    }

    // MARK: Bytes of the wire

    /// Passes bytes from the peer to TLS.
    func receiveFromPeer(_ bytes: UnsafeRawBufferPointer) {
        if firstBytes.count < 2 { firstBytes += bytes.prefix(2 - firstBytes.count) }
        let taken = library.writeMemory(incoming, bytes.baseAddress, Int32(clamping: bytes.count))
        assert(taken == bytes.count, "A memory BIO accepts all bytes.")
    }

    /// Moves bytes for the peer into a buffer that is not empty; returns how many.
    func takeOutput(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        assert(!buffer.isEmpty, "There is room for a byte.")
        return max(0, Int(library.readMemory(outgoing, buffer.baseAddress, Int32(clamping: buffer.count))))
    }

    // MARK: Plain bytes

    /// Continues the handshake; done once the peer's certificate has been verified.
    func handshake() -> Outcome {
        library.clearErrors()
        return outcome(library.handshake(session))
    }

    /// Decrypts received bytes into a buffer that is not empty.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
        assert(!buffer.isEmpty, "There is room for a byte.")
        library.clearErrors()
        return outcome(library.read(session, buffer.baseAddress, Int32(clamping: buffer.count)))
    }

    /// Checks for bytes that have arrived and were not read.
    func peek() -> Outcome {
        var byte: UInt8 = 0
        library.clearErrors()
        return outcome(library.peek(session, &byte, 1))
    }

    /// Encrypts the bytes as one record; there must be 1 to ``maximumRecord`` of them.
    func send(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        assert(!bytes.isEmpty && bytes.count <= Self.maximumRecord, "One record carries it.")
        library.clearErrors()
        return outcome(library.write(session, bytes.baseAddress, Int32(bytes.count)))
    }

    /// Sends a close notification.
    func close() {
        library.clearErrors()
        _ = library.close(session)
        library.clearErrors()
    }

    private func outcome(_ status: Int32) -> Outcome {
        if status > 0 { return .done(Int(status)) }
        switch library.sessionError(session, status) {
        case OpenSSL.Constant.wantsRead: return .needsInput
        case OpenSSL.Constant.hasClosed: return .closed
        default: return .failed(failure(library.takeError()))
        }
    }

    // MARK: Failures

    private func failure(_ error: OpenSSL.Failure?) -> TLSFailure {
        let result = library.verificationResult(session)
        if context.server != nil {
            let text = error?.description ?? "it gives no reason"
            let reason = result == 0 ? nil : library.verificationText(result).map { String(cString: $0) }
            return TLSFailure(ofClient: reason.map { "\(text): \($0)" } ?? text)
        }
        if error?.reason == TLSFailure.verificationFailed, result != 0 {
            let text = library.verificationText(result).map { String(cString: $0) } ?? "error \(result)"
            return TLSFailure(verification: result, text, host: host ?? "the server", hasOwnAuthorities: context.hasOwnAuthorities)
        }
        return TLSFailure(
            reason: error?.reason, error?.description ?? "it gives no reason", isCertificateMissing: isCertificateMissing,
            speaksTLS: firstBytes.isEmpty || (20...23).contains(firstBytes[0]) && firstBytes.last == 3, offersHTTP2: context.speaksHTTP2)
    }
}
