// The tracer of swift-distributed-tracing: what libraries record with that package becomes part of our traces.

#if SwiftTracing

    public import Instrumentation
    import ServiceContextModule
    import Synchronization
    public import Tracing

    extension TelemetrySystem {
        /// The tracer for libraries that are instrumented with swift-distributed-tracing.
        ///
        ///     InstrumentationSystem.bootstrap(telemetry.distributedTracer())
        ///
        /// From then on spans nest in each other whichever package they are started with, and baggage and log records go with them.
        ///
        /// - Parameter flushTimeout: how long `forceFlush()` of that package may take, which blocks its caller.
        public func distributedTracer(flushTimeout: Duration = .seconds(5)) -> DistributedTracer {
            SharedContext.share()
            return DistributedTracer(self, flushTimeout: flushTimeout)
        }
    }

    /// Starts spans for swift-distributed-tracing, and carries their context from process to process.
    ///
    /// The instrumentation scope of a span is the module that starts it, as the compiler tells it: `Hummingbird`, `PostgresNIO`. A
    /// ``TracerConfigurator`` can thus switch off single libraries.
    public final class DistributedTracer: Tracing.Tracer {
        /// Modules are few; whoever names more of them than this shares the last tracer.
        static let maximumModules = 256
        static let ownScope = "swift-distributed-tracing"

        private let telemetry: TelemetrySystem
        private let flushTimeout: Duration
        private let tracers = Locked<[String: Tracer]>([:])

        init(_ telemetry: TelemetrySystem, flushTimeout: Duration) {
            self.telemetry = telemetry
            self.flushTimeout = flushTimeout
        }

        /// Starts a span below the one in the context, with the rest of the context handed on.
        ///
        /// A span that is not sampled hands on its identifiers too, so that services downstream stay in the same trace.
        public func startSpan<Instant: TracerInstant>(
            _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: Tracing.SpanKind,
            at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
        ) -> DistributedSpan {
            var context = context()
            let parent = context.telemetryContext
            let span = tracer(ofFile: fileID).startSpan(
                operationName, kind: SpanKind(kind), parent: parent, readingOfWallClock: Timestamp(instant()))
            context.telemetryContext = parent.with(span: span)
            return DistributedSpan(span, name: operationName, context: context)
        }

        /// The span in a context while it is recorded; nil for one that has ended, is not sampled or belongs to another process.
        public func activeSpan(identifiedBy context: ServiceContext) -> DistributedSpan? {
            let span = context.telemetryContext.span
            return span.isRecording ? DistributedSpan(span, context: context) : nil
        }

        /// Delivers all that has been recorded so far; blocks until that is done or the time for it is over.
        public func forceFlush() {
            _ = telemetry.requests(isShutdown: false, .after(flushTimeout)).wait()
        }

        private func tracer(ofFile fileID: String) -> Tracer {
            // A file is written as `Module/File.swift`.
            let module = String(Substring(fileID.utf8.prefix { $0 != UInt8(ascii: "/") }))
            let (known, isNamed) = tracers.withLock { ($0[module], !module.isEmpty && $0.count < Self.maximumModules) }
            if let known { return known }
            // Outside of the lock, since configurators are the program's code and may start spans themselves.
            let tracer = telemetry.tracer(isNamed ? module : Self.ownScope)
            if isNamed {
                tracers.withLock { tracers in
                    if tracers.count < Self.maximumModules { tracers[module] = tracer }
                }
            }
            return tracer
        }
    }

    extension DistributedTracer {
        /// Reads what another process has sent, with the system's propagators; whatever else the context holds stays.
        public func extract<Carrier, Extract: Extractor>(
            _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
        ) where Extract.Carrier == Carrier {
            context.telemetryContext = telemetry.propagator.extract(
                from: carrier, into: context.telemetryContext, using: ExtractorGetter(extractor: extractor))
        }

        /// Writes what another process needs to join the trace, with the system's propagators.
        public func inject<Carrier, Inject: Injector>(
            _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
        ) where Inject.Carrier == Carrier {
            telemetry.propagator.inject(context.telemetryContext, into: &carrier, using: InjectorSetter(injector: injector))
        }
    }

    /// Reads a carrier as the package does: one value for a name, and names only if one knows them.
    private struct ExtractorGetter<Extract: Extractor>: CarrierGetter {
        let extractor: Extract

        func value(for name: String, in carrier: Extract.Carrier) -> String? { extractor.extract(key: name, from: carrier) }

        func names(in carrier: Extract.Carrier) -> [String] { [] }
    }

    private struct InjectorSetter<Inject: Injector>: CarrierSetter {
        let injector: Inject

        func setValue(_ value: String, for name: String, in carrier: inout Inject.Carrier) {
            injector.inject(value, forKey: name, into: &carrier)
        }
    }

#endif
