// A record belongs to the span in whose context it is emitted.

import Testing

@testable import Telemetry

struct LogCorrelationTests {
    private let logs: LogRecording
    private let tracing = Recording()
    private var log: TelemetryLogger { logs.log }

    init() { logs = LogRecording(.queue) }

    /// The identifiers that records carry.
    private func places() async -> [String: String] {
        Dictionary(
            await logs.records().map { ($0.body?.stringValue ?? "", "\($0.traceID) \($0.spanID) \($0.traceFlags.rawValue)") },
            uniquingKeysWith: { "\($0) and \($1)" })
    }

    private static func place(_ context: SpanContext) -> String { "\(context.traceID) \(context.spanID) \(context.flags.rawValue)" }

    @Test func recordEmittedInsideASpanCarriesItsIdentifiers() async {
        log.info("before")
        let (outer, inner) = tracing.tracer.withSpan("outer", parent: .root) { outer in
            log.info("outer")
            let inner = tracing.tracer.withSpan("inner") { inner in
                log.info("inner")
                return inner.context
            }
            log.emit(LogRecord("outer again"))
            return (outer.context, inner)
        }
        log.info("after")
        let nobody = Self.place(.invalid)
        let expected = [
            "before": nobody, "outer": Self.place(outer), "inner": Self.place(inner), "outer again": Self.place(outer), "after": nobody,
        ]
        #expect(await places() == expected)
    }

    @Test func correlationFollowsAwaitAndChildTasksButNotDetachedTasks() async {
        let context = await tracing.tracer.withSpan("work", parent: .root) { span in
            await Task.yield()
            log.info("after a suspension")
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<3 {
                    group.addTask { [log] in
                        await Task.yield()
                        log.info("child \(index)")
                    }
                }
            }
            async let other: Void = { [log] in log.info("async let") }()
            await other
            await Task { [log] in log.info("task") }.value
            await Task.detached { [log] in log.info("detached") }.value
            return span.context
        }
        var expected = Dictionary(
            uniqueKeysWithValues: ["after a suspension", "child 0", "child 1", "child 2", "async let", "task"].map {
                ($0, Self.place(context))
            })
        expected["detached"] = Self.place(.invalid)
        #expect(await places() == expected)
    }

    @Test func explicitContextTakesPrecedenceOverTheCurrentOne() async {
        tracing.tracer.withSpan("current", parent: .root) { _ in
            log.emit(LogRecord("elsewhere", context: .madeUp()))
            log.emit(LogRecord("nowhere", context: .root))
        }
        #expect(await places() == ["elsewhere": Self.place(.madeUp()), "nowhere": Self.place(.invalid)])
    }

    @Test func remoteUnsampledAndEndedSpansAreCorrelatedToo() async {
        let remote = SpanContext.madeUp(isRemote: true)
        log.emit(LogRecord("remote", context: .root.with(spanContext: remote)))
        log.emit(LogRecord("unsampled", context: .madeUp(isSampled: false)))
        let span = tracing.tracer.startSpan("over", parent: .root)
        span.end()
        Context.root.with(span: span).run { log.info("ended") }
        let expected = [
            "remote": Self.place(remote), "unsampled": Self.place(.madeUp(isSampled: false)), "ended": Self.place(span.context),
        ]
        #expect(await places() == expected)
        #expect(await logs.records().first { $0.body == "unsampled" }?.traceFlags == [])
    }

    @Test func contextIsReadAtEmissionAndNotAtExport() async {
        let first = tracing.tracer.startSpan("first", parent: .root)
        Context.root.with(span: first).run { log.info("x") }
        first.end()
        await tracing.tracer.withSpan("second", parent: .root) { _ in
            #expect(await places() == ["x": Self.place(first.context)])
        }
    }

    @Test func allTraceFlagsAreRecorded() async throws {
        let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: TraceFlags(rawValue: 0xFF))
        log.emit(LogRecord("x", context: .root.with(spanContext: context)))
        #expect(try await logs.record().traceFlags.rawValue == 0xFF)
    }
}
