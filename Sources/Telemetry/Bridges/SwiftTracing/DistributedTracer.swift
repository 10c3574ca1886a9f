// Adapts the tracing of Telemetry to swift-distributed-tracing.

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
        /// From then on spans of both APIs nest in each other and share baggage and log correlation.
        ///
        /// - Parameter flushTimeout: the timeout of `forceFlush()` of that package, which blocks its caller.
        public func distributedTracer(flushTimeout: Duration = .seconds(5)) -> DistributedTracer {
            SharedContext.share()
            return DistributedTracer(self, flushTimeout: flushTimeout)
        }
    }

    /// A tracer for swift-distributed-tracing that starts spans and propagates their context.
    ///
    /// The instrumentation scope of a span is the module that starts it, as the compiler tells it: `Hummingbird`, `PostgresNIO`. A
    /// ``TracerConfigurator`` can thus disable single libraries.
    public final class DistributedTracer: Tracing.Tracer {
        /// The limit for scopes; modules beyond it share the last tracer.
        static let maximumModules = 256
        static let ownScope = "swift-distributed-tracing"

        private let telemetry: TelemetrySystem
        private let flushTimeout: Duration
        private let tracers = Locked<[String: Tracer]>([:])

        init(_ telemetry: TelemetrySystem, flushTimeout: Duration) {
            self.telemetry = telemetry
            self.flushTimeout = flushTimeout
        }

        /// Starts a child of the span in the context; the rest of the context is kept.
        ///
        /// An unsampled span propagates its identifiers too, so that services downstream stay in the same trace.
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

        /// Returns the recording span of a context; nil if it has ended, is unsampled or remote.
        public func activeSpan(identifiedBy context: ServiceContext) -> DistributedSpan? {
            let span = context.telemetryContext.span
            return span.isRecording ? DistributedSpan(span, context: context) : nil
        }

        /// Exports everything recorded so far; blocks until that is done or the timeout has passed.
        public func forceFlush() {
            _ = telemetry.requests(isShutdown: false, .after(flushTimeout)).wait()
        }

        private func tracer(ofFile fileID: String) -> Tracer {
            // `#fileID` has the form `Module/File.swift`.
            let module = String(Substring(fileID.utf8.prefix { $0 != UInt8(ascii: "/") }))
            let (known, isNamed) = tracers.withLock { ($0[module], !module.isEmpty && $0.count < Self.maximumModules) }
            if let known { return known }
            // The lock is not held, since configurators are code of the program and may start spans.
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
        /// Extracts the context of another process with the system's propagators; the rest of the context is kept.
        public func extract<Carrier, Extract: Extractor>(
            _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
        ) where Extract.Carrier == Carrier {
            context.telemetryContext = telemetry.propagator.extract(
                from: carrier, into: context.telemetryContext, using: ExtractorGetter(extractor: extractor))
        }

        /// Injects the context for another process with the system's propagators.
        public func inject<Carrier, Inject: Injector>(
            _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
        ) where Inject.Carrier == Carrier {
            telemetry.propagator.inject(context.telemetryContext, into: &carrier, using: InjectorSetter(injector: injector))
        }
    }

    /// Reads a carrier through the package, which returns one value per known name.
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
