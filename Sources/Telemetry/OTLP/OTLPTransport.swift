// What carries requests to a receiver.

/// Carries encoded requests to one receiver, one at a time: over HTTP or over gRPC.
protocol OTLPTransport: Sendable {
    /// Makes one attempt to deliver a request, until the deadline. Blocks its thread.
    func post(_ body: [UnsafeRawBufferPointer], until deadline: Deadline) -> OTLPOutcome

    /// Leaves the address of the last attempt for a while, if there is another one that is healthy; returns whether there is.
    ///
    /// - Parameter requested: how long the receiver has asked to be left.
    func leave(for requested: Duration?) -> Bool

    /// Sets whether other receivers can be tried in place of this one: then less time is given to it.
    func setOtherReceivers(_ areHealthy: Bool)

    /// Makes the attempt in progress on another thread end, or else the next one.
    func interrupt()

    /// Withdraws an interruption that no attempt has consumed.
    func clearInterruption()

    /// Closes the connection unless an attempt is in progress; the next one makes a new connection.
    func close()
}

/// Carries requests over HTTP/1.1. (OTLP specification, "OTLP/HTTP".)
struct OTLPHTTPTransport: OTLPTransport {
    private let connection: BlockingHTTPConnection
    private let headers: [(name: String, value: String)]
    private let signal: OTLPSignal

    init(_ settings: OTLPSettings, _ directory: HostDirectory) {
        connection = BlockingHTTPConnection(
            to: settings.url, tls: settings.tls, proxy: settings.proxy, maximumResponseBytes: settings.options.maximumResponseBytes,
            directory: directory)
        headers = settings.allHeaders
        signal = settings.signal
    }

    func post(_ body: [UnsafeRawBufferPointer], until deadline: Deadline) -> OTLPOutcome {
        do throws(HTTPClientError) {
            let response = try connection.post(headers: headers, body: body, deadline: deadline)
            ExportNotes.current?.note(httpStatus: response.status)
            return OTLPOutcome(response, to: signal, now: Int(SystemClock.wallNanoseconds() / 1_000_000_000))
        } catch {
            ExportNotes.current?.note(httpStatus: nil)
            return OTLPOutcome(error, from: "OTLP over HTTP listen there, usually on port 4318")
        }
    }

    func leave(for requested: Duration?) -> Bool { connection.leave(for: requested) }
    func setOtherReceivers(_ areHealthy: Bool) { connection.setOtherReceivers(areHealthy) }
    func interrupt() { connection.interrupt() }
    func clearInterruption() { connection.clearInterruption() }
    func close() { connection.close() }
}
