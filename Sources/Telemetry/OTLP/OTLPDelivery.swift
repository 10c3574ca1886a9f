// Delivers the requests of one signal to one receiver: set up once the environment is known, several at a time if asked to.

/// Delivers OTLP requests of one signal to one receiver.
///
/// It is made when code names it, and set up when telemetry starts: only then is it known which environment counts.
final class OTLPDelivery: Sendable {
    private enum Setup {
        case outstanding
        case ready(url: HTTPURL, OTLPEncoding)
        case unusable(reason: String)
    }

    private struct State {
        var setup = Setup.outstanding
        /// All senders, and those that have nothing to do.
        var senders: [OTLPSender] = []
        var idle: [OTLPSender] = []
        var spooled: SpooledDelivery?
        var isShutDown = false
    }

    private let signal: OTLPSignal
    private let arguments: OTLPOptions
    private let state = Locked(State())

    init(_ signal: OTLPSignal, _ arguments: OTLPOptions) {
        self.signal = signal
        self.arguments = arguments
    }

    deinit {
        state.withLock { $0.spooled }?.abandon()
    }

    /// Takes what code leaves open from an environment; only the first one counts.
    ///
    /// - Throws: when something that code says cannot be used. What variables say is reported, and nothing is exported then.
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        guard state.withLock({ if case .outstanding = $0.setup { true } else { false } }) else { return }
        let setup: Setup
        var senders: [OTLPSender] = []
        var settings: OTLPSettings?
        do throws(OTLPSettings.Problem) {
            let made = try OTLPSettings(signal, arguments, environment)
            senders = (0..<maximumConcurrentExports).map { _ in OTLPSender(made) }
            setup = .ready(url: made.url, made.encoding)
            settings = made
        } catch {
            guard error.isFromEnvironment else { throw error.error }
            environment.report(error.error.setting, error.error.value, error.error.expected + "; no \(signal.items) are exported")
            setup = .unusable(reason: "\(error.error.setting) cannot be used, so that nothing is sent")
        }
        var spooled: SpooledDelivery?
        if let options = arguments.spool, let settings { spooled = try SpooledDelivery(options, settings) }
        let isFirst = state.withLock { state in
            guard case .outstanding = state.setup else { return false }
            state.setup = setup
            state.senders = senders
            state.idle = senders
            state.spooled = spooled
            return true
        }
        guard isFirst else { return }
        if let settings {
            Diagnostics.report(.debug, "OTLP: \(signal.items) go to \(settings.summary)\(spooled == nil ? "" : ", kept in a spool").")
        }
        spooled?.start()
    }

    /// The address of the receiver, for people.
    var name: String {
        switch state.withLock({ $0.setup }) {
        case .ready(let url, _): url.description
        case .unusable, .outstanding: arguments.endpoint.map { HTTPURL.withoutUserInformation($0) } ?? "OTLP"
        }
    }

    /// What it is, for metrics about telemetry itself.
    var component: ExportComponent {
        guard case .ready(let url, let encoding) = state.withLock({ $0.setup }) else {
            return ExportComponent(type: signal.component(.protobuf))
        }
        let type = signal.component(encoding)
        if let path = url.socketPath { return ExportComponent(type: type, serverAddress: path) }
        return ExportComponent(type: type, serverAddress: url.host, serverPort: url.port)
    }

    var maximumConcurrentExports: Int { max(1, arguments.maximumConcurrentRequests) }

    /// Attempts beyond the first of each request, and what became of the items on disk.
    var status: DestinationStatus {
        let (senders, spooled) = state.withLock { ($0.senders, $0.spooled) }
        var status = DestinationStatus(retries: senders.reduce(0) { $0 &+ $1.retries })
        status.retryCause = senders.lazy.compactMap(\.retryCause).first
        spooled?.add(to: &status)
        return status
    }

    /// Sends a request until it is delivered, refused for good, or the time is over, unless it can be kept on disk then. Ends early
    /// when the task is cancelled.
    func send(_ body: OTLPRequestBody, deadline: Deadline) async -> BatchOutcome {
        do throws(ExportFailure) {
            let sender = try takeSender()
            defer { state.withLock { $0.idle.append(sender) } }
            if let spooled = state.withLock({ $0.spooled }) { return await spooled.send(body, deadline: deadline, through: sender) }
            try await sender.send(body, deadline: deadline)
            return .delivered
        } catch {
            return .failed(error)
        }
    }

    private func takeSender() throws(ExportFailure) -> OTLPSender {
        // Outside of a telemetry system nobody has said which environment counts.
        do throws(ConfigurationError) { try configure(.process) } catch { throw .rejected(reason: error.description) }
        return try state.withLock { state -> Result<OTLPSender, ExportFailure> in
            if state.isShutDown { return .failure(.shutDown) }
            if case .unusable(let reason) = state.setup { return .failure(.rejected(reason: reason)) }
            guard let sender = state.idle.popLast() else {
                return .failure(.rejected(reason: "more than \(quantity(state.senders.count, "export")) at the same time"))
            }
            return .success(sender)
        }.get()
    }

    /// Ends requests that are under way if what they carry can be kept on disk.
    func interruptInFlightExports() {
        let (senders, spooled) = state.withLock { ($0.senders, $0.spooled) }
        if spooled != nil { for sender in senders { sender.interrupt() } }
    }

    /// Sends what waits on disk, as far as the receiver takes it.
    func forceFlush(deadline: Deadline) async -> FlushResult {
        await state.withLock { $0.spooled }?.flush(deadline: deadline) ?? .completed
    }

    /// Ends; a wait between two attempts is not waited out.
    func shutdown(deadline: Deadline) async -> FlushResult {
        let (senders, spooled) = state.withLock { state in
            state.isShutDown = true
            return (state.senders, state.spooled)
        }
        for sender in senders { sender.shutdown() }
        return await spooled?.shutdown(deadline: deadline) ?? .completed
    }
}
