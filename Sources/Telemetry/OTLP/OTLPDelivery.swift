// Delivers the requests of one signal to one receiver: set up once the environment is known, several at a time if asked to.

import Synchronization

/// Delivers OTLP requests of one signal to one receiver.
///
/// It is made when code names it, and set up when telemetry starts: only then is it known which environment counts.
final class OTLPDelivery: Sendable {
    private enum Setup {
        case outstanding
        case ready(url: HTTPURL)
        case unusable(reason: String)
    }

    private struct State {
        var setup = Setup.outstanding
        /// All senders, and those that have nothing to do.
        var senders: [OTLPSender] = []
        var idle: [OTLPSender] = []
        var isShutDown = false
    }

    private let signal: OTLPSignal
    private let arguments: OTLPArguments
    private let state = Mutex(State())

    init(_ signal: OTLPSignal, _ arguments: OTLPArguments) {
        self.signal = signal
        self.arguments = arguments
    }

    /// Takes what code leaves open from an environment; only the first one counts.
    ///
    /// - Throws: when something that code says cannot be used. What variables say is reported, and nothing is exported then.
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        guard state.withLock({ if case .outstanding = $0.setup { true } else { false } }) else { return }
        let setup: Setup
        var senders: [OTLPSender] = []
        do throws(OTLPSettings.Problem) {
            let settings = try OTLPSettings(signal, arguments, environment)
            senders = (0..<maximumConcurrentExports).map { _ in OTLPSender(settings) }
            setup = .ready(url: settings.url)
        } catch {
            guard error.isFromEnvironment else { throw error.error }
            environment.report(error.error.setting, error.error.value, error.error.expected + "; no \(signal.items) are exported")
            setup = .unusable(reason: "\(error.error.setting) cannot be used, so that nothing is sent")
        }
        state.withLock { state in
            guard case .outstanding = state.setup else { return }
            state.setup = setup
            state.senders = senders
            state.idle = senders
        }
    }

    /// The address of the receiver, for people.
    var name: String {
        switch state.withLock({ $0.setup }) {
        case .ready(let url): url.description
        case .unusable, .outstanding: arguments.endpoint.map { HTTPURL.withoutUserInformation($0) } ?? "OTLP"
        }
    }

    var maximumConcurrentExports: Int { max(1, arguments.options.maximumConcurrentRequests) }

    /// Attempts beyond the first of each request.
    var retries: UInt64 { state.withLock { $0.senders }.reduce(0) { $0 &+ $1.retries } }

    /// Sends a request until it is delivered, refused for good, or the time is over. Ends early when the task is cancelled.
    func send(_ body: OTLPRequestBody, deadline: Deadline) async throws(ExportFailure) {
        let sender = try takeSender()
        defer { state.withLock { $0.idle.append(sender) } }
        try await sender.send(body, deadline: deadline)
    }

    private func takeSender() throws(ExportFailure) -> OTLPSender {
        // Outside of a telemetry system nobody has said which environment counts.
        do throws(ConfigurationError) { try configure(.process) } catch { throw .rejected(reason: error.description) }
        return try state.withLock { state -> Result<OTLPSender, ExportFailure> in
            if state.isShutDown { return .failure(.shutDown) }
            if case .unusable(let reason) = state.setup { return .failure(.rejected(reason: reason)) }
            guard let sender = state.idle.popLast() else {
                return .failure(.rejected(reason: "more than \(state.senders.count) exports are under way at the same time"))
            }
            return .success(sender)
        }.get()
    }

    /// Ends; a wait between two attempts is not waited out.
    func shutdown() {
        let senders = state.withLock { state in
            state.isShutDown = true
            return state.senders
        }
        for sender in senders { sender.shutdown() }
    }
}
