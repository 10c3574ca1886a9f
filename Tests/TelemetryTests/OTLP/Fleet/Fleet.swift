// Ten receivers on the loopback addresses of one port, and an exporter that finds them by one name.

import Testing

@testable import Telemetry

/// A fleet, a provider that exports to it, and the ledger of both.
final class Fleet {
    let members: [FleetReceiver]
    let resolver: ScriptedResolver
    let clock = ManualClock()
    let port: Int
    private let processor: BatchSpanProcessor
    private let provider: TracerProvider
    private(set) var ended = 0

    /// The wait between two attempts that no test may come to: a failover needs none.
    static let endless = RetryPolicy(initialDelay: .seconds(3600), maximumDelay: .seconds(3600))

    /// - Parameters:
    ///   - first: how many of the members the name has at first.
    ///   - addresses: by default no answer is too late, however busy the machine is.
    ///   - clock: by default a manual one, by which nothing becomes old and failed members stay left.
    init(
        _ count: Int = 10, first: Int? = nil, isGRPC: Bool = false, loadBalancing: OTLPLoadBalancing = .byTraceID,
        addresses: AddressPolicy = AddressPolicy(answerTimeout: .patience), retry: RetryPolicy = endless,
        timeout: Duration = .patience, spool: SpoolOptions? = nil, batchSize: Int = 512, concurrent: Int = 1,
        clock: TelemetryClock? = nil
    ) throws {
        let port = try #require(ScriptedServer.freePort())
        self.port = port
        members = try (1...count).map { try FleetReceiver("127.0.0.\($0)", port: port, isGRPC: isGRPC) }
        resolver = ScriptedResolver(members.prefix(first ?? count).map(\.host))
        let options = OTLPOptions(
            endpoint: "http://collectors.test:\(port)", timeout: timeout, encoding: isGRPC ? .grpc : .protobuf, retry: retry, spool: spool,
            maximumConcurrentRequests: concurrent, loadBalancing: loadBalancing, addresses: addresses)
        let delivery = OTLPDelivery(.traces, options, resolver: resolver, clock: clock ?? .manual(self.clock))
        let batch = BatchOptions(
            maxQueueSize: 1 << 18, maxExportBatchSize: batchSize, scheduleDelay: .seconds(3600), exportTimeout: .seconds(3600))
        processor = BatchSpanProcessor(OTLPSpanExporter(delivery), options: batch)
        try processor.configure(EnvironmentReader([:]))
        provider = TracerProvider(
            resource: Resource(attributes: ["service.name": "sender"]), sampler: .alwaysOn, limits: SpanLimits(), processors: [processor],
            idGenerator: nil, clock: .system)
    }

    /// Ends so many traces with two spans each, the parents in one batch and the children in later ones, and flushes.
    @discardableResult
    func send(traces: Int, flushing: Bool = true) async -> FlushResult {
        let tracer = provider.tracer(InstrumentationScope(name: "fleet"))
        var parents: [TraceSpan] = []
        for index in 0..<traces {
            let parent = tracer.startSpan("parent", parent: .root, ["index": AttributeValue(index)])
            parents.append(tracer.startSpan("child", parent: Context.root.with(spanContext: parent.context)))
            parent.end()
        }
        for span in parents { span.end() }
        ended += 2 * traces
        return flushing ? await flush() : .completed
    }

    func flush() async -> FlushResult { await provider.forceFlush(deadline: .after(.seconds(600))) }

    var health: PipelineHealth { processor.health }

    func end() async {
        _ = await provider.shutdown(deadline: .after(.patience))
        for member in members { member.go() }
    }

    /// The spans that members have acknowledged, each with the number of times.
    var acknowledged: [SpanID: Int] {
        members.reduce(into: [:]) { $0.merge($1.ledger.acknowledged, uniquingKeysWith: +) }
    }

    /// The number of spans that members took without an answer.
    var unansweredCount: Int { members.reduce(0) { $0 + $1.ledger.unanswered.values.reduce(0, +) } }

    /// Whether every trace was sent to one member.
    var isSticky: Bool {
        members.reduce(0) { $0 + $1.ledger.traces.count } == members.reduce(into: Set<TraceID>()) { $0.formUnion($1.ledger.traces) }.count
    }

    /// Expects that every span that ended was acknowledged once, and counted as delivered.
    func expectExactDelivery(location: SourceLocation = #_sourceLocation) {
        let acknowledged = acknowledged
        #expect(acknowledged.count == ended, sourceLocation: location)
        #expect(acknowledged.values.allSatisfy { $0 == 1 }, "No span is acknowledged twice.", sourceLocation: location)
        let health = health
        #expect(health.exported == UInt64(ended) && health.dropped.isEmpty && health.waiting == 0, "\(health)", sourceLocation: location)
    }
}
