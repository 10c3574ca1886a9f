// Reports of errors that leave the operations of spans.

import Testing

@testable import Telemetry

struct SpanExceptionTests {
    private let spans = InMemorySpanExporter()
    private let records = InMemoryLogExporter()

    private func tracer(_ exceptions: ExceptionSignal?, _ variables: [String: String] = [:]) throws -> Tracer {
        try TelemetrySystem.start(
            sampler: .alwaysOn, spans: [spans], spanOptions: SpanOptions(exceptions: exceptions), metrics: [], logs: [records],
            environment: variables
        ).tracer("tests", version: "2")
    }

    private func decline(_ tracer: Tracer, _ kind: SpanKind = .internal) {
        try? tracer.withSpan("pay", kind: kind) { _ in throw CardDeclined() }
    }

    private var events: [String] { spans.finishedSpans.flatMap(\.events).map(\.name) }

    @Test(
        arguments: [
            (nil, [:], true, false), (.logs, [:], false, true), (.spanEventsAndLogs, [:], true, true),
            (nil, ["OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN": "logs"], false, true),
            (nil, ["OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN": "logs/dup"], true, true),
            (.spanEvents, ["OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN": "logs"], true, false),
        ] as [(ExceptionSignal?, [String: String], Bool, Bool)])
    func errorIsRecordedAsTheExceptionSignalSelects(
        _ signal: ExceptionSignal?, _ variables: [String: String], isEvent: Bool, isRecord: Bool
    ) throws {
        decline(try tracer(signal, variables))
        #expect(events == (isEvent ? ["exception"] : []))
        #expect(records.finishedRecords.count == (isRecord ? 1 : 0))
        #expect(spans.finishedSpans.map(\.status) == [.error("the card was declined")])
    }

    @Test func logRecordHasTheErrorAndItsSpan() throws {
        decline(try tracer(.logs))
        let (record, span) = (try #require(records.finishedRecords.first), try #require(spans.finishedSpans.first))
        #expect(record.eventName == "exception" && record.body == "pay failed" && record.severity == .error)
        #expect(record.attributes["exception.message"] == "the card was declined")
        #expect(record.attributes["exception.type"]?.stringValue?.hasSuffix("CardDeclined") == true)
        #expect(record.traceID == span.traceID && record.spanID == span.spanID && record.traceFlags.contains(.sampled))
        #expect(record.instrumentationScope.name == "tests" && record.instrumentationScope.version == "2")
    }

    @Test(arguments: [(SpanKind.client, LogSeverity.warn), (.producer, .warn), (.server, .error), (.consumer, .error), (.internal, .error)])
    func clientErrorsAreExpectedAndServerErrorsAreNot(kind: SpanKind, severity: LogSeverity) throws {
        decline(try tracer(.logs), kind)
        #expect(records.finishedRecords.map(\.severity) == [severity])
    }

    @Test func errorLeavingSeveralSpansIsReportedOnceWithTheInnermost() throws {
        let tracer = try tracer(.logs)
        try? tracer.withSpan("serve") { _ in
            try tracer.withSpan("check out") { _ in try tracer.withSpan("pay") { _ in throw CardDeclined() } }
        }
        #expect(records.finishedRecords.map(\.body) == ["pay failed"])
        #expect(spans.finishedSpans.count == 3)
    }

    @Test func expectedErrorThatIsNotHandledIsReportedAgain() throws {
        let tracer = try tracer(.logs)
        try? tracer.withSpan("serve", kind: .server) { _ in try tracer.withSpan("call", kind: .client) { _ in throw CardDeclined() } }
        #expect(records.finishedRecords.map(\.body) == ["call failed", "serve failed"])
        #expect(records.finishedRecords.map(\.severity) == [.warn, .error])
    }

    @Test func differentErrorIsReportedSeparately() throws {
        struct Other: Error {}
        let tracer = try tracer(.logs)
        try? tracer.withSpan("serve") { _ in
            decline(tracer)
            throw Other()
        }
        #expect(records.finishedRecords.map(\.body) == ["pay failed", "serve failed"])
    }

    @Test func asynchronousOperationReportsItsError() async throws {
        let tracer = try tracer(.logs)
        try? await tracer.withSpan("pay") { _ async throws in throw CardDeclined() }
        #expect(records.finishedRecords.count == 1 && events.isEmpty)
    }

    @Test func cancellationIsNotReported() throws {
        let tracer = try tracer(.spanEventsAndLogs)
        try? tracer.withSpan("pay") { _ in throw CancellationError() }
        #expect(records.finishedRecords.isEmpty && events.isEmpty)
    }

    @Test func recordExceptionStaysASpanEvent() throws {
        let tracer = try tracer(.logs)
        tracer.withSpan("pay") { $0.recordException(CardDeclined()) }
        #expect(events == ["exception"] && records.finishedRecords.isEmpty)
    }

    @Test func errorOfAServerSpanIsReported() async throws {
        let tracer = try tracer(.logs)
        let request = HTTPServerRequest(method: "GET", target: "/pay") { _ in [] }
        _ = try? await tracer.withHTTPServerSpan(request, parent: .root, statusCode: { (status: Int) in status }) { _ -> Int in
            throw CardDeclined()
        }
        #expect(records.finishedRecords.map(\.eventName) == ["exception"] && events.isEmpty)
    }
}
