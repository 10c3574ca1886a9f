// The part of all OTLP exporters that owns connections and spool.

/// Delivers OTLP requests of one signal to one receiver, or to a fleet of equal ones.
///
/// It is configured when telemetry starts, since only then is the environment known, and sends several requests at a time if configured so.
final class OTLPDelivery: Sendable {
    private enum Setup {
        case pending
        case ready(OTLPReceivers)
        case unusable(reason: String)
    }

    private struct State {
        var setup = Setup.pending
        /// All senders, and those that are idle.
        var senders: [any OTLPRequestSender] = []
        var idle: [any OTLPRequestSender] = []
        var spooled: SpooledDelivery?
        var isShutDown = false
    }

    private let signal: OTLPSignal
    private let arguments: OTLPOptions
    private let resolver: any NameResolver
    private let clock: TelemetryClock
    private let state = Locked(State())

    /// - Parameters:
    ///   - resolver: what finds the addresses of receivers.
    ///   - clock: the clock by which addresses and connections become old.
    init(
        _ signal: OTLPSignal, _ arguments: OTLPOptions, resolver: any NameResolver = SystemResolver(), clock: TelemetryClock = .system
    ) {
        self.signal = signal
        self.arguments = arguments
        self.resolver = resolver
        self.clock = clock
    }

    deinit {
        state.withLock { $0.spooled }?.abandon()
    }

    /// Takes settings that code omits from an environment; only the first call counts.
    ///
    /// - Throws: if a setting in code cannot be used. If a variable cannot be used, that is reported, and nothing is exported.
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        guard state.withLock({ if case .pending = $0.setup { true } else { false } }) else { return }
        let setup: Setup
        var senders: [any OTLPRequestSender] = []
        var receivers: OTLPReceivers?
        do throws(OTLPSettings.Problem) {
            let made = try OTLPReceivers(signal, arguments, environment, resolver, clock)
            senders = (0..<maximumConcurrentExports).map { _ in made.sender() }
            setup = .ready(made)
            receivers = made
        } catch {
            guard error.isFromEnvironment else { throw error.error }
            environment.report(
                error.error.setting, error.error.value, expected: error.error.expected,
                used: error.isOfAllSignals
                    ? "spans, metrics and log records are not exported, but for a signal with a variable of its own"
                    : "no \(signal.items) are exported")
            setup = .unusable(reason: "\(error.error.setting) cannot be used, so that nothing is sent")
        }
        var spooled: SpooledDelivery?
        if let options = arguments.spool, let receivers { spooled = try SpooledDelivery(options, receivers) }
        let isFirst = state.withLock { state in
            guard case .pending = state.setup else { return false }
            state.setup = setup
            state.senders = senders
            state.idle = senders
            state.spooled = spooled
            return true
        }
        guard isFirst else { return }
        if let receivers {
            Diagnostics.report(.debug, "OTLP: \(signal.items) go to \(receivers.summary)\(spooled == nil ? "" : ", kept in a spool").")
        }
        spooled?.start()
    }

    /// The address of the receiver, for messages.
    var name: String {
        switch state.withLock({ $0.setup }) {
        case .ready(let receivers): receivers.destination
        case .unusable, .pending: arguments.ofEachEndpoint[0].endpoint.map { HTTPURL.withoutUserInformation($0) } ?? "OTLP"
        }
    }

    /// The component in metrics about the SDK itself; its server is the first endpoint.
    var component: ExporterComponent {
        guard case .ready(let receivers) = state.withLock({ $0.setup }) else {
            return ExporterComponent(type: signal.component(arguments.encoding ?? .protobuf))
        }
        let (url, type) = (receivers.first.url, signal.component(receivers.first.encoding))
        if let path = url.socketPath { return ExporterComponent(type: type, serverAddress: path) }
        return ExporterComponent(type: type, serverAddress: url.host, serverPort: url.port)
    }

    var maximumConcurrentExports: Int {
        let valid = OTLPOptions.concurrentRequests
        return min(max(arguments.maximumConcurrentRequests, valid.lowerBound), valid.upperBound)
    }

    /// The number of retries, and the outcomes of the items in the spool.
    var status: ExporterStatus {
        let (senders, spooled) = state.withLock { ($0.senders, $0.spooled) }
        var status = ExporterStatus(retries: senders.reduce(0) { $0 &+ $1.retries })
        // Each is read once: a lazy sequence reads it again, and traps if it is gone.
        status.retryCause = senders.compactMap(\.retryCause).first
        spooled?.add(to: &status)
        return status
    }

    /// Sends a request until it is delivered, rejected, or its deadline has passed; with a spool a request that fails is stored instead.
    /// Returns early if the task is cancelled.
    func send(_ body: OTLPRequestBody, deadline: Deadline) async -> BatchOutcome {
        await sendReturningRest(body, deadline: deadline).outcome
    }

    /// The same; returns the parts too that were not delivered and may be later. There is none with a spool, which has room for them.
    func sendReturningRest(_ body: OTLPRequestBody, deadline: Deadline) async -> (outcome: BatchOutcome, rest: [OTLPRequestBody]) {
        do throws(ExportFailure) {
            let sender = try takeSender()
            defer { state.withLock { $0.idle.append(sender) } }
            if let spooled = state.withLock({ $0.spooled }) { return (await spooled.send(body, deadline: deadline, through: sender), []) }
            let sending = await sender.send(body, deadline: deadline)
            return (sending.outcome(), sending.undelivered)
        } catch {
            return (.failed(error), [])
        }
    }

    private func takeSender() throws(ExportFailure) -> any OTLPRequestSender {
        // Without a telemetry system the environment is that of the process.
        do throws(ConfigurationError) { try configure(.process) } catch { throw .rejected(reason: error.description) }
        return try state.withLock { state -> Result<any OTLPRequestSender, ExportFailure> in
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

    /// Sends the batches of the spool, as far as the receiver takes them.
    func forceFlush(deadline: Deadline) async -> FlushResult {
        await state.withLock { $0.spooled }?.flush(deadline: deadline) ?? .completed
    }

    /// Shuts down; a wait between two attempts ends at once.
    func shutdown(deadline: Deadline) async -> FlushResult {
        let (senders, spooled) = state.withLock { state in
            state.isShutDown = true
            return (state.senders, state.spooled)
        }
        for sender in senders { sender.shutdown() }
        return await spooled?.shutdown(deadline: deadline) ?? .completed
    }
}
