// The sampler `.jaegerRemote` and its poll of a Jaeger sampling server.

import Synchronization

/// Samples by the strategy of a Jaeger sampling server, which it polls on its own thread.
///
/// The server is Jaeger or an OpenTelemetry Collector with the extension `jaegerremotesampling`; it is polled over HTTP with
/// `GET <endpoint>?service=<name>`. Until the first answer the initial sampler decides; while there is no good answer the
/// last good one stays in force. The strategies ignore the parent: write `.parentBased(.jaegerRemote())` to keep
/// traces whole. It serves one telemetry system, and stops asking when that is shut down or the sampler is released.
/// (Specification: trace SDK, "JaegerRemoteSampler".)
public final class JaegerRemoteSampler: Sampler {
    /// The URL of the server.
    public let endpoint: String
    /// The time between an answer and the next request.
    public let interval: Duration
    /// Decides until the first answer.
    public let initial: any Sampler
    private let service: String?
    private let poll: JaegerStrategyPoll

    /// - Parameters:
    ///   - endpoint: the URL of the server; the path defaults to `/sampling`.
    ///   - service: the service to ask for; if none is given, the `service.name` of the telemetry system's resource.
    ///   - interval: how long after an answer to ask again.
    ///   - initial: decides until the first answer.
    public init(
        endpoint: String = "http://localhost:5778/sampling", service: String? = nil, every interval: Duration = .seconds(60),
        initial: any Sampler = .ratio(0.001)
    ) {
        self.endpoint = endpoint
        self.service = service
        self.interval = interval
        self.initial = initial
        poll = JaegerStrategyPoll(endpoint: endpoint, interval: max(interval, .milliseconds(1)))
    }

    deinit {
        poll.stop()
    }

    public func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
        // Within a sampler of the host's own it is not found, and begins with its first decision.
        if !poll.isStarted { start(resource: .empty, clock: .system) }
        guard let sampler = poll.sampler else { return initial.decision(for: request) }
        let attributes = sampler.attributesIfKept(request)
        return SamplingDecision(
            attributes == nil ? .drop : .recordAndSample, attributes: attributes ?? [:],
            traceState: request.parent.spanContext.traceState)
    }

    /// The strategy in force, and where it comes from.
    public var description: String {
        "JaegerRemoteSampler{\(poll.sampler?.strategy.description ?? initial.description),endpoint:\(poll.shownEndpoint)}"
    }

    /// The number of requests, whatever their results.
    var pollCount: Int { poll.count }
}

extension JaegerRemoteSampler: BackgroundSampler, CheckedSettings {
    var problem: ConfigurationError? {
        if HTTPURL(endpoint) == nil {
            return ConfigurationError(
                setting: "jaegerRemote(endpoint:)", value: endpoint, expected: "a URL as http://localhost:5778/sampling")
        }
        guard interval > .zero else {
            return ConfigurationError(setting: "jaegerRemote(every:)", value: "\(interval)", expected: "a duration above zero")
        }
        return [initial].firstProblem
    }

    func start(resource: Resource, clock: TelemetryClock) {
        poll.start(service: service ?? resource.attributes["service.name"]?.stringValue ?? "unknown_service", clock: clock)
    }

    func stop() {
        poll.stop()
    }
}

extension Sampler where Self == JaegerRemoteSampler {
    /// Samples by the strategy of a Jaeger sampling server: `.parentBased(.jaegerRemote(endpoint: "http://collector:5778/sampling"))`.
    public static func jaegerRemote(
        endpoint: String = "http://localhost:5778/sampling", service: String? = nil, every interval: Duration = .seconds(60),
        initial: any Sampler = .ratio(0.001)
    ) -> Self {
        JaegerRemoteSampler(endpoint: endpoint, service: service, every: interval, initial: initial)
    }
}

/// Polls the strategy of a service at intervals, on its own thread, until it is stopped.
private final class JaegerStrategyPoll: Sendable {
    private struct State {
        var sampler: JaegerStrategySampler?
        var connection: BlockingHTTPConnection?
        var count = 0
    }

    private static let timeout = Duration.seconds(10)

    private let url: HTTPURL?
    private let interval: Duration
    private let wake = WakeSignal()
    private let hasStarted = Atomic(false)
    private let isStopped = Atomic(false)
    private let state = Locked(State())

    init(endpoint: String, interval: Duration) {
        url = HTTPURL(endpoint)
        self.interval = interval
    }

    /// The endpoint without passwords.
    var shownEndpoint: String { url?.description ?? "none" }

    var isStarted: Bool { hasStarted.load(ordering: .relaxed) }

    var sampler: JaegerStrategySampler? { state.withLock { $0.sampler } }

    var count: Int { state.withLock { $0.count } }

    func start(service: String, clock: TelemetryClock) {
        guard !hasStarted.exchange(true, ordering: .acquiringAndReleasing), let url = url.flatMap({ Self.url($0, service: service) })
        else { return }
        let connection = BlockingHTTPConnection(
            to: url, proxy: HTTPProxy(for: url, environment: .process), maximumResponseBytes: JSONReader.defaultMaximumSize)
        state.withLock { $0.connection = connection }
        clock.manual?.observe { [wake] in wake.raise() }
        let isRunning = WorkerThread.start(named: "JaegerSampling") { self.run(connection, url, clock) }
        if !isRunning {
            Diagnostics.report(.error, "The system gives no thread for asking \(url) for sampling strategies: the initial one stays.")
        }
    }

    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        state.withLock { $0.connection }?.interrupt()
        wake.raise()
    }

    private static func url(_ endpoint: HTTPURL, service: String) -> HTTPURL? {
        let text = endpoint.target == "/" ? endpoint.description + "sampling" : endpoint.description
        return HTTPURL("\(text)\(endpoint.target.contains("?") ? "&" : "?")service=\(PercentEncoding.encode(service))")
    }

    private func run(_ connection: BlockingHTTPConnection, _ url: HTTPURL, _ clock: TelemetryClock) {
        while !isStopped.load(ordering: .sequentiallyConsistent) {
            ask(connection, url, clock)
            state.withLock { $0.count += 1 }
            let due = Deadline(nanoseconds: clock.monotonicNanoseconds()).advanced(by: interval).nanoseconds
            while !isStopped.load(ordering: .sequentiallyConsistent), clock.monotonicNanoseconds() < due {
                // A manual clock raises the signal whenever it is moved.
                _ = wake.wait(until: clock.manual == nil ? Deadline(nanoseconds: due) : .never)
            }
        }
        connection.close()
    }

    private func ask(_ connection: BlockingHTTPConnection, _ url: HTTPURL, _ clock: TelemetryClock) {
        let failure: String
        do throws(HTTPClientError) {
            let headers = [(name: "Accept", value: "application/json"), (name: "User-Agent", value: "OTel-Swift/\(SDK.version)")]
            let response = try connection.get(headers: headers, deadline: .after(Self.timeout))
            if response.status == 200 {
                guard let reason = take(response.body.bytes, clock) else { return }
                failure = "its answer cannot be used: \(reason)"
            } else {
                failure = "it answered with status \(response.status)"
            }
        } catch {
            guard !isStopped.load(ordering: .sequentiallyConsistent) else { return }
            failure = error.description
        }
        Diagnostics.report(
            .warning, topic: "jaeger sampling \(url)", every: .seconds(600),
            "No sampling strategy from \(url): \(failure). The \(sampler == nil ? "initial sampler" : "last strategy") stays in force. "
                + "The endpoint must speak Jaeger's remote sampling over HTTP, as a rule on port 5778, not gRPC.")
    }

    /// Applies an answer; returns the reason if it cannot be used.
    private func take(_ answer: [UInt8], _ clock: TelemetryClock) -> String? {
        let strategy: JaegerSamplingStrategy
        do throws(JSONError) {
            let value = try JSONReader.value(of: answer)
            do throws(JaegerAnswerError) { strategy = try JaegerSamplingStrategy(value) } catch { return error.description }
        } catch {
            return error.description
        }
        // The thread of this object alone changes it.
        let previous = sampler
        guard previous?.strategy != strategy else { return nil }
        let next = JaegerStrategySampler(strategy, after: previous, clock: clock)
        state.withLock { $0.sampler = next }
        return nil
    }
}
