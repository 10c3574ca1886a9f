// A system with an in-memory exporter and tracers of both packages.

#if SwiftTracing

    import Instrumentation
    import ServiceContextModule
    import Tracing

    @testable import Telemetry

    /// Spans recorded by way of swift-distributed-tracing (`theirs`) and by our own API (`ours`).
    struct DistributedRecording {
        let memory = InMemorySpanExporter()
        let telemetry: TelemetrySystem
        let theirs: DistributedTracer
        let ours: Telemetry.Tracer

        init(
            sampler: any Sampler = .alwaysOn, spanOptions: SpanOptions = SpanOptions(), environment: [String: String] = [:]
        ) throws {
            let quiet = ["OTEL_LOGS_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"]
            telemetry = try TelemetrySystem.start(
                resource: .service("tests"), resourceIsComplete: true, sampler: sampler, spans: [memory],
                spanOptions: spanOptions,
                environment: environment.merging(quiet) { given, _ in given })
            theirs = telemetry.distributedTracer()
            ours = telemetry.tracer("tests")
        }

        var spans: [ReadableSpan] { memory.finishedSpans }

        func span(named name: String) throws -> ReadableSpan { try spans.first { $0.name == name }.unwrapped() }

        /// A span as it was after it had passed through the closure and ended.
        func finished(_ body: (DistributedSpan) throws -> Void) throws -> ReadableSpan {
            let span = theirs.startSpan("work", context: .topLevel)
            try body(span)
            span.end()
            return try spans.first { $0.spanID == span.span.context.spanID }.unwrapped()
        }
    }

    /// Headers as a framework has them, in a type of its own.
    struct ForeignHeaders: Sendable, Equatable {
        var fields: [String: String] = [:]
    }

    struct ForeignExtractor: Extractor {
        func extract(key: String, from carrier: ForeignHeaders) -> String? { carrier.fields[key] }
    }

    struct ForeignInjector: Injector {
        func inject(_ value: String, forKey key: String, into carrier: inout ForeignHeaders) { carrier.fields[key] = value }
    }

    /// Something that another library keeps in a `ServiceContext`.
    private enum RequestIDKey: ServiceContextKey {
        typealias Value = String
    }

    extension ServiceContext {
        var requestID: String? {
            get { self[RequestIDKey.self] }
            set { self[RequestIDKey.self] = newValue }
        }
    }

    /// An instant as other packages make it.
    struct ForeignInstant: TracerInstant {
        let nanosecondsSinceEpoch: UInt64

        static func < (left: ForeignInstant, right: ForeignInstant) -> Bool { left.nanosecondsSinceEpoch < right.nanosecondsSinceEpoch }
    }

#endif
