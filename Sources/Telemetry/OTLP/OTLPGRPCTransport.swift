// Requests as calls of gRPC.

import Synchronization

/// Carries requests as unary calls over HTTP/2. (OTLP specification, "OTLP/gRPC"; gRPC, "gRPC over HTTP2".)
final class OTLPGRPCTransport: OTLPTransport {
    /// gRPC limits its value to eight digits and a unit.
    static let timeout = HTTP2RequestHead.VaryingField(name: "grpc-timeout", capacity: 9)

    private let connection: BlockingHTTP2Connection
    private let headers: [(name: String, value: String)]
    private let signal: OTLPSignal
    private let maximumResponseBytes: Int
    private let isCompressing: Bool
    /// True if the latest response said that its request was delivered. Relaxed: one attempt follows another.
    private let isDelivering = Atomic(false)

    init(_ settings: OTLPSettings, _ library: NGHTTP2, _ directory: HostDirectory) {
        connection = BlockingHTTP2Connection(
            to: settings.url, library, tls: settings.tls, proxy: settings.proxy,
            maximumResponseBytes: settings.options.maximumResponseBytes, varyingField: Self.timeout, directory: directory)
        headers = Self.metadata(settings)
        signal = settings.signal
        maximumResponseBytes = settings.options.maximumResponseBytes
        isCompressing = settings.compression != .uncompressed
    }

    /// The fields of every call but its timeout. Configured ones that belong to HTTP or to gRPC itself are left out.
    private static func metadata(_ settings: OTLPSettings) -> [(name: String, value: String)] {
        var fields = [(name: "te", value: "trailers"), (name: "content-type", value: GRPCMessage.contentType)]
        if settings.compression != .uncompressed { fields.append((name: "grpc-encoding", value: settings.compression.rawValue)) }
        let ours: Set = [
            "te", "content-type", "content-encoding", "content-length", "host", "connection", "keep-alive", "proxy-connection",
            "transfer-encoding", "upgrade",
        ]
        for (name, value) in settings.allHeaders {
            let name = name.lowercased()
            if !ours.contains(name), !name.hasPrefix("grpc-") { fields.append((name: name, value: value)) }
        }
        return fields
    }

    func post(_ body: [UnsafeRawBufferPointer], until deadline: Deadline) -> OTLPOutcome {
        let prefix = GRPCMessage.prefix(count: body.reduce(0) { $0 + $1.count }, isCompressed: isCompressing)
        return prefix.withUnsafeBytes { prefix in
            do throws(HTTPClientError) {
                let response = try connection.post(
                    signal.method, varying: GRPCMessage.timeout(deadline.remaining), headers: headers, body: [prefix] + body,
                    deadline: deadline)
                if response.isRepeated, isDelivering.load(ordering: .relaxed) {
                    ExportNotes.current?.note(callStatus: GRPCStatus.Code.ok.name)
                    connection.recordSuccess()
                    return .delivered
                }
                ExportNotes.current?.note(callStatus: GRPCStatus(response)?.code.name)
                let outcome = OTLPOutcome(
                    response, to: signal, maximumBytes: maximumResponseBytes, now: Int(SystemClock.wallNanoseconds() / 1_000_000_000))
                isDelivering.store(outcome == .delivered, ordering: .relaxed)
                if case .retryable = outcome { return outcome }
                connection.recordSuccess()
                return outcome
            } catch {
                ExportNotes.current?.note(callStatus: nil)
                return OTLPOutcome(error, from: "OTLP over gRPC listen there, usually on port 4317")
            }
        }
    }

    func leave(for requested: Duration?) -> Bool { connection.leave(for: requested) }
    func setOtherReceivers(_ areHealthy: Bool) { connection.setOtherReceivers(areHealthy) }
    func interrupt() { connection.interrupt() }
    func clearInterruption() { connection.clearInterruption() }
    func close() { connection.close() }
}
