// The tracer of swift-distributed-tracing: starting spans and propagating contexts.

#if SwiftTracing

    import Instrumentation
    import ServiceContextModule
    import Synchronization
    import Testing
    import Tracing

    @testable import Telemetry

    struct DistributedTracerTests {
        private let recording: DistributedRecording
        private var theirs: DistributedTracer { recording.theirs }

        init() throws {
            recording = try DistributedRecording()
        }

        @Test func withSpanRecordsNameParentAndTimes() throws {
            let before = Timestamp.now
            theirs.withSpan("outer", context: .topLevel) { _ in theirs.withSpan("inner") { $0.attributes["a"] = 1 } }
            let (outer, inner) = (try recording.span(named: "outer"), try recording.span(named: "inner"))
            #expect(inner.parentSpanID == outer.spanID && inner.traceID == outer.traceID && inner.attributes == ["a": 1])
            #expect(!outer.parentSpanID.isValid && outer.kind == .internal && outer.status == .unset)
            #expect(outer.startTime >= before && outer.endTime >= inner.endTime && outer.endTime <= .now)
        }

        @Test(arguments: [
            (Tracing.SpanKind.server, Telemetry.SpanKind.server), (.client, .client), (.producer, .producer), (.consumer, .consumer),
            (.internal, .internal),
        ])
        func everyKindIsTakenOver(theirKind: Tracing.SpanKind, kind: Telemetry.SpanKind) throws {
            theirs.startSpan("work", ofKind: theirKind).end()
            #expect(recording.spans.last?.kind == kind)
        }

        @Test func instantsOfAnyTypeAreTheTimesOfTheSpan() throws {
            let span = theirs.startSpan("work", at: ForeignInstant(nanosecondsSinceEpoch: 1_700_000_000_000_000_001))
            span.end(at: ForeignInstant(nanosecondsSinceEpoch: 1_700_000_000_000_000_009))
            let finished = try recording.spans.last.unwrapped()
            #expect(finished.startTime.nanosecondsSinceEpoch == 1_700_000_000_000_000_001)
            #expect(finished.endTime.nanosecondsSinceEpoch == 1_700_000_000_000_000_009)
        }

        @Test func scopeIsTheModuleThatStartsTheSpan() throws {
            theirs.withSpan("here") { _ in }
            theirs.startSpan("there", file: "PostgresNIO/Connection.swift").end()
            theirs.startSpan("nowhere", file: "").end()
            #expect(try recording.span(named: "here").instrumentationScope.name == "BridgesTests")
            #expect(try recording.span(named: "there").instrumentationScope.name == "PostgresNIO")
            #expect(try recording.span(named: "nowhere").instrumentationScope.name == "swift-distributed-tracing")
        }

        @Test func configuratorMayStartSpans() throws {
            let theirTracer = Mutex<DistributedTracer?>(nil)
            let recording = try DistributedRecording(
                spanOptions: SpanOptions(
                    configurator: TracerConfigurator { scope in
                        guard scope.name == "Outer", let theirs = theirTracer.withLock({ $0 }) else { return nil }
                        theirs.startSpan("inner", context: .topLevel, file: "Inner/A.swift").end()
                        return nil
                    }))
            theirTracer.withLock { $0 = recording.theirs }
            recording.theirs.startSpan("outer", context: .topLevel, file: "Outer/A.swift").end()
            #expect(recording.spans.map(\.instrumentationScope.name) == ["Inner", "Outer"])
        }

        @Test func modulesWithoutEndShareOneTracer() throws {
            for number in 0...DistributedTracer.maximumModules { theirs.startSpan("work", file: "Module\(number)/A.swift").end() }
            #expect(recording.spans.last?.instrumentationScope.name == "swift-distributed-tracing")
            #expect(Set(recording.spans.map(\.instrumentationScope.name)).count == DistributedTracer.maximumModules + 1)
        }

        @Test func disabledScopePropagatesTheSpanOfItsCaller() throws {
            let recording = try DistributedRecording(
                spanOptions: SpanOptions(configurator: .disabling("Chatty")))
            recording.theirs.withSpan("request", context: .topLevel) { _ in
                recording.theirs.withSpan("noise", file: "Chatty/A.swift") { _ in recording.theirs.withSpan("query") { _ in } }
            }
            #expect(recording.spans.map(\.name) == ["query", "request"])
            #expect(try recording.span(named: "query").parentSpanID == recording.span(named: "request").spanID)
        }

        @Test func errorThrownInWithSpanIsRecordedAndRethrown() throws {
            #expect(throws: NothingThere.self) {
                try theirs.withSpan("work") { _ in throw NothingThere() }
            }
            let span = try recording.span(named: "work")
            #expect(span.status == .error())
            #expect(span.events.map(\.name) == ["exception"])
            #expect(span.events.first?.attributes["exception.type"] == "BridgesTests.NothingThere")
        }

        @Test func activeSpanIsFoundByItsContextUntilItEnds() throws {
            let span = theirs.startSpan("work", context: .topLevel)
            let found = try theirs.activeSpan(identifiedBy: span.context).unwrapped()
            found.attributes["found"] = true
            #expect(found.operationName == "work" && span.attributes.get("found") == .bool(true))
            span.end()
            #expect(theirs.activeSpan(identifiedBy: span.context) == nil)
            #expect(theirs.activeSpan(identifiedBy: .topLevel) == nil)
        }

        @Test func flushExportsEndedSpans() async throws {
            let memory = InMemorySpanExporter()
            let telemetry = try TelemetrySystem.start(
                spans: [.batch(memory, options: BatchOptions(scheduleDelay: .seconds(3600)))], metrics: [],
                environment: ["OTEL_LOGS_EXPORTER": "none"])
            let tracer: any LegacyTracer = telemetry.distributedTracer()
            tracer.withAnySpan("work") { _ in }
            tracer.forceFlush()
            #expect(memory.finishedSpans.map(\.name) == ["work"])
            await telemetry.shutdown()
        }

        @Test func bootstrappedTracerServesTheGlobalFunctions() async throws {
            let recording = Self.bootstrapped
            #expect(InstrumentationSystem.tracer is DistributedTracer)
            let id = await withSpan("global", context: .topLevel, ofKind: .server) { outer in
                await withSpan("inner of global") { _ in await Task.yield() }
                return outer.context.telemetryContext.spanContext.spanID
            }
            #expect(try recording.span(named: "inner of global").parentSpanID == id)
            #expect(try recording.span(named: "global").kind == .server)
        }

        /// The package takes one tracer in the life of a process.
        private static let bootstrapped: DistributedRecording = {
            do {
                let recording = try DistributedRecording()
                InstrumentationSystem.bootstrap(recording.theirs)
                return recording
            } catch {
                preconditionFailure("A system in memory starts: \(error)")
            }
        }()
    }

    /// What travels between processes, in carriers of other packages.
    struct DistributedPropagationTests {
        private let recording: DistributedRecording
        private var theirs: DistributedTracer { recording.theirs }

        init() throws {
            recording = try DistributedRecording()
        }

        private let incoming = ForeignHeaders(fields: [
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "vendor=1", "baggage": "user=ada",
        ])

        @Test func extractTakesSpanStateAndBaggageAndLeavesTheRest() throws {
            var context = ServiceContext.topLevel
            context.requestID = "r1"
            theirs.extract(incoming, into: &context, using: ForeignExtractor())
            let remote = context.telemetryContext.spanContext
            #expect(remote.traceID.description == "0af7651916cd43dd8448eb211c80319c" && remote.isRemote && remote.isSampled)
            #expect(remote.traceState["vendor"] == "1" && context.telemetryContext.baggage["user"] == "ada")
            #expect(context.requestID == "r1" && context.count == 2)
        }

        @Test func spanContinuesTheExtractedTrace() throws {
            var context = ServiceContext.topLevel
            theirs.extract(incoming, into: &context, using: ForeignExtractor())
            theirs.withSpan("GET /", context: context, ofKind: .server) { span in
                #expect(span.context.telemetryContext.baggage["user"] == "ada")
            }
            let span = try recording.span(named: "GET /")
            #expect(span.parentSpanID.description == "b7ad6b7169203331" && span.hasRemoteParent)
        }

        @Test func withoutValidHeadersTheContextStaysAsItIs() {
            var empty = ServiceContext.topLevel
            theirs.extract(ForeignHeaders(fields: ["traceparent": "nonsense"]), into: &empty, using: ForeignExtractor())
            #expect(empty.isEmpty)
            let span = theirs.startSpan("work", context: .topLevel)
            var context = span.context
            theirs.extract(ForeignHeaders(), into: &context, using: ForeignExtractor())
            #expect(context.telemetryContext.spanContext == span.span.context)
            span.end()
        }

        @Test func injectWritesTheSpanAndTheBaggage() throws {
            var context = ServiceContext.topLevel
            theirs.extract(incoming, into: &context, using: ForeignExtractor())
            let span = theirs.startSpan("call", context: context, ofKind: .client)
            var outgoing = ForeignHeaders(fields: ["accept": "*/*"])
            theirs.inject(span.context, into: &outgoing, using: ForeignInjector())
            let id = span.span.context.spanID
            #expect(
                outgoing.fields == [
                    "accept": "*/*", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-\(id)-01", "tracestate": "vendor=1",
                    "baggage": "user=ada",
                ])
            span.end()
            var nothing = ForeignHeaders()
            theirs.inject(.topLevel, into: &nothing, using: ForeignInjector())
            #expect(nothing == ForeignHeaders())
        }

        @Test func systemsPropagatorsAreUsed() throws {
            let recording = try DistributedRecording(environment: ["OTEL_PROPAGATORS": "b3"])
            var context = ServiceContext.topLevel
            let headers = ForeignHeaders(fields: ["b3": "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"])
            recording.theirs.extract(headers, into: &context, using: ForeignExtractor())
            var outgoing = ForeignHeaders()
            recording.theirs.inject(context, into: &outgoing, using: ForeignInjector())
            #expect(outgoing == headers)
        }

        @Test func unsampledSpanPropagatesItsTraceUnsampled() throws {
            let recording = try DistributedRecording(sampler: .parentBased(.alwaysOff))
            let root = recording.theirs.startSpan("root", context: .topLevel)
            #expect(!root.isRecording && root.operationName == "root" && root.span.context.isValid)
            var headers = ForeignHeaders()
            recording.theirs.inject(root.context, into: &headers, using: ForeignInjector())
            #expect(headers.fields["traceparent"] == "00-\(root.span.context.traceID)-\(root.span.context.spanID)-02")
            let child = recording.theirs.startSpan("child", context: root.context)
            #expect(child.span.context.traceID == root.span.context.traceID)
            child.end()
            root.end()
            #expect(recording.spans.isEmpty)
        }

        @Test func disabledTelemetryPropagatesTheContext() throws {
            let recording = try DistributedRecording(environment: ["OTEL_SDK_DISABLED": "true"])
            var context = ServiceContext.topLevel
            recording.theirs.extract(incoming, into: &context, using: ForeignExtractor())
            recording.theirs.withSpan("work", context: context) { span in
                var outgoing = ForeignHeaders()
                recording.theirs.inject(span.context, into: &outgoing, using: ForeignInjector())
                #expect(outgoing == incoming)
            }
        }
    }

#endif
