// One TLS connection: what one side says and what goes over the wire, without a socket.

/// One TLS connection of a client. Bytes of the peer go in, bytes for the peer come out; who carries them is no concern of it.
///
/// One thread at a time uses it.
final class TLSSession {
    /// The most that one record carries. (RFC 8446 §5.1.)
    static let maximumRecord = 16 * 1024

    /// What a step came to.
    enum Outcome: Equatable {
        case done(Int)
        /// More bytes of the peer are needed.
        case needsInput
        /// The peer has said that it closes.
        case closed
        case failed(TLSFailure)
    }

    private let context: TLSContext
    private let library: OpenSSL
    private let session: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    private let host: String
    private let certificateRequest = CertificateRequestNote()
    /// True once the server has asked for a certificate that the client does not have.
    private var isCertificateMissing: Bool { certificateRequest.isUnanswered }
    /// The first two bytes that the peer has sent: the kind of a record and the first half of its version, if it speaks TLS at all.
    private var firstBytes: [UInt8] = []

    /// A connection that is to end at the named host, or at the address; nil when there is no memory.
    init?(_ context: TLSContext, host: String) {
        library = context.library
        // A zone belongs to this machine and a final dot to the resolver; certificates name neither.
        let name = host.prefix { $0 != "%" }
        self.host = String(name.hasSuffix(".") ? name.dropLast() : name)
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
        // From here on both memories belong to the session.
        library.setMemories(session, incoming, outgoing)
        library.setClientSide(session)
        guard library.setExtraData(session, 0, Unmanaged.passUnretained(certificateRequest).toOpaque()) == 1, expectHost() else {
            return nil
        }
    }

    deinit {
        library.freeSession(session)
    }

    /// False when the name could not be set, without which nothing would be verified.
    private func expectHost() -> Bool {
        if IPAddress(host) != nil { return library.setExpectedAddress(library.sessionParameters(session), host) == 1 }
        library.setHostFlags(session, OpenSSL.Constant.withoutPartialWildcards)
        guard library.setExpectedHost(session, host) == 1 else { return false }
        // Only names go into the server name indication. (RFC 6066 §3.)
        return host.withCString { name in
            library.controlSession(session, OpenSSL.Constant.setServerName, 0, UnsafeMutableRawPointer(mutating: name)) == 1
        }
    }

    /// What a server may have wanted that closes instead of an answer; nil when nothing hints at it.
    var hintAtClose: String? {
        // With TLS 1.3 a server refuses a client without certificate only after the client's handshake is over.
        if isCertificateMissing { return "it asked for a client certificate and got none; if it demands one, give it one, with its key" }
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        library.agreedProtocol(session, &name, &count)
        guard count == 0 else { return nil }
        return "it did not agree to speak HTTP/1.1; is this a gRPC port? OTLP over HTTP is usually on port 4318"
    }

    // MARK: Bytes of the wire

    /// Takes in bytes that the peer has sent.
    func takeIn(_ bytes: UnsafeRawBufferPointer) {
        if firstBytes.count < 2 { firstBytes += bytes.prefix(2 - firstBytes.count) }
        let taken = library.writeMemory(incoming, bytes.baseAddress, Int32(clamping: bytes.count))
        assert(taken == bytes.count, "Memory takes everything.")
    }

    /// Moves bytes for the peer into the buffer; returns how many.
    func takeOutput(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        max(0, Int(library.readMemory(outgoing, buffer.baseAddress, Int32(clamping: buffer.count))))
    }

    // MARK: What is said

    /// Goes on with the handshake; done once the peer has proved who it is.
    func handshake() -> Outcome {
        library.clearErrors()
        return outcome(library.handshake(session))
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
        library.clearErrors()
        return outcome(library.read(session, buffer.baseAddress, Int32(clamping: buffer.count)))
    }

    /// Whether something has come that nobody has read.
    func peek() -> Outcome {
        var byte: UInt8 = 0
        library.clearErrors()
        return outcome(library.peek(session, &byte, 1))
    }

    /// Makes one record of the bytes, of which there are at most as many as it carries.
    func send(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        assert(!bytes.isEmpty && bytes.count <= Self.maximumRecord, "One record carries it.")
        library.clearErrors()
        return outcome(library.write(session, bytes.baseAddress, Int32(bytes.count)))
    }

    /// Says that nothing more will be sent.
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

    // MARK: What went wrong

    private func failure(_ error: OpenSSL.Failure?) -> TLSFailure {
        let result = library.verificationResult(session)
        if error?.reason == TLSFailure.verificationFailed, result != 0 {
            let text = library.verificationText(result).map { String(cString: $0) } ?? "error \(result)"
            return TLSFailure(verification: result, text, host: host, hasOwnAuthorities: context.hasOwnAuthorities)
        }
        return TLSFailure(
            reason: error?.reason, error?.description ?? "it gives no reason", isCertificateMissing: isCertificateMissing,
            speaksTLS: firstBytes.isEmpty || (20...23).contains(firstBytes[0]) && firstBytes.last == 3)
    }
}
