// What a probe finds while it runs.

import ExampleSupport
import Telemetry

/// The metrics and spans of one probe, and why it failed.
struct ProbeFindings: Sendable {
    var page = ProbePage()
    var spans: [ProbeSpan] = []
    /// The first reason for which the probe failed; nil for success.
    private(set) var problem: String?
    let trace: TraceID
    let deadline: Deadline

    init(until deadline: Deadline) {
        self.deadline = deadline
        trace = ProbeSpan.newTrace()
    }

    mutating func fail(_ reason: String) {
        if problem == nil { problem = reason }
    }

    /// Looks up a host and chooses the address that is probed; nil if there is none, which is noted.
    mutating func address(of host: String, port: Int, _ options: ProbeAddressOptions) -> SocketAddress? {
        page.set(.addressFamily, 0)
        page.set(.addressHash, 0)
        let begin = SystemClock.monotonicNanoseconds()
        let result = Result { () throws(HTTPClientError) in try AddressLookup.addresses(of: host, port: port, until: deadline) }
        page.set(.lookupTime, Self.seconds(since: begin))
        let addresses: [SocketAddress]
        switch result {
        case .success(let found): addresses = found
        case .failure(let error):
            fail("\(error)")
            return nil
        }
        let sized = addresses.map { (address: $0, bytes: $0.addressBytes) }
        let preferred = sized.first { ($0.bytes.count == 16) == options.prefersVersion6 }
        guard let chosen = preferred ?? (options.fallsBack ? sized.first : nil) else {
            fail("\(host) has no address of IPv\(options.prefersVersion6 ? 6 : 4), and ip_protocol_fallback is false")
            return nil
        }
        page.set(.addressFamily, chosen.bytes.count == 16 ? 6 : 4)
        // FNV-1a of 32 bits.
        page.set(.addressHash, Double(chosen.bytes.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }))
        return chosen.address
    }

    /// Notes the facts of a TLS connection.
    mutating func note(_ peer: TLSPeer, withCipher: Bool) {
        let versions = ["TLSv1": "TLS 1.0", "TLSv1.1": "TLS 1.1", "TLSv1.2": "TLS 1.2", "TLSv1.3": "TLS 1.3"]
        page.set(.tlsVersion, 1, [("version", versions[peer.version] ?? "unknown")])
        if withCipher { page.set(.tlsCipher, 1, [("cipher", peer.cipher)]) }
        let sent = peer.certificates.compactMap { X509Certificate($0) }
        let chain = peer.verifiedChain.compactMap { X509Certificate($0) }
        // Year 1 stands for no time, as in the exporter.
        let never = -62_135_596_800
        page.set(.certificateExpiry, Double(sent.map(\.notAfter).min() ?? never))
        page.set(.chainExpiry, Double(chain.map(\.notAfter).min() ?? never))
        guard let own = sent.first, let bytes = peer.certificates.first, let library = try? LibCrypto() else { return }
        page.set(
            .chainInfo, 1,
            [
                ("fingerprint_sha256", HexadecimalText.text(library.sha256(of: bytes))), ("issuer", own.issuer),
                ("serialnumber", HexadecimalText.text(own.serialNumber)), ("subject", own.subject),
                ("subjectalternative", own.names.joined(separator: ",")),
            ])
    }

    static func seconds(since begin: UInt64) -> Double { Double(SystemClock.monotonicNanoseconds() &- begin) / 1e9 }
}

extension ClientTLS {
    /// Performs the handshake on a connection.
    func secure(_ stream: BlockingStream, host: String, until deadline: Deadline) throws(HTTPClientError) -> TLSPeer {
        guard let context else { throw .tlsUnavailable(problem) }
        return try stream.secure(context, host: serverName ?? host, until: deadline)
    }
}
