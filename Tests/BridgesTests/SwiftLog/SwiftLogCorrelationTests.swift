// Correlation of swift-log records with spans, for the bridge and for other handlers.

#if SwiftLog
    import Logging
    import Testing

    @testable import Telemetry

    struct SwiftLogCorrelationTests {
        private let spans = Recording()
        private let logs = SwiftLogRecording()

        @Test func recordInsideSpanHasItsIdentifiers() async throws {
            let logger = logs.logger()
            let context = spans.tracer.withSpan("work") { span in
                logger.info("inside")
                return span.context
            }
            let record = try await logs.records.last.unwrapped()
            #expect(record.traceID == context.traceID && record.spanID == context.spanID && record.traceFlags == context.flags)
            #expect(context.isSampled && record.attributes.isEmpty)
        }

        @Test func recordHasTheSpanOfItsTask() async throws {
            let logger = logs.logger()
            let outer = await spans.tracer.withSpan("outer") { span in
                await spans.tracer.withSpan("inner") { _ in await Task.yield() }
                async let child: Void = logger.info("in a child task")
                await child
                return span.context
            }
            #expect(try await logs.records.last.unwrapped().spanID == outer.spanID)
        }

        @Test func recordOutsideOfSpansHasNoIdentifiers() async throws {
            let record = try await logs.record { $0.info("outside") }
            #expect(!record.traceID.isValid && !record.spanID.isValid && record.traceFlags == [])
        }

        @Test func recordsOfUnsampledSpansAreDroppedOnDemand() async throws {
            let unsampled = Recording(sampler: .alwaysOff)
            let filtered = SwiftLogRecording(configurator: .traceBased)
            for recording in [logs, filtered] {
                let logger = recording.logger()
                unsampled.tracer.withSpan("unsampled") { _ in logger.info("unsampled") }
                spans.tracer.withSpan("sampled") { _ in logger.info("sampled") }
                logger.info("none")
            }
            #expect(await logs.records.map(\.body) == ["unsampled", "sampled", "none"])
            #expect(await filtered.records.map(\.body) == ["sampled", "none"])
        }

        @Test func whereNothingIsRecordedNothingIsLogged() async {
            let logger = logs.logger()
            Context.current.suppressed.run { logger.critical("suppressed") }
            logger.info("heard")
            #expect(await logs.records.map(\.body) == ["heard"])
        }

        // MARK: Handlers of others

        @Test func metadataProviderGivesTheSpanToOtherHandlers() {
            let kept = KeptText()
            let logger = Logger(label: "other") { StreamLogHandler(label: $0, stream: kept, metadataProvider: .telemetry) }
            let context = spans.tracer.withSpan("work") { span in
                logger.info("inside")
                return span.context
            }
            #expect(kept.text.contains(" span_id=\(context.spanID) trace_flags=03 trace_id=\(context.traceID) "))
        }

        @Test func metadataProviderKeysAreConfigurable() {
            let provider = Logger.MetadataProvider.telemetry(traceIDKey: "otelTraceID", spanIDKey: "otelSpanID", traceFlagsKey: nil)
            let (metadata, context) = spans.tracer.withSpan("work") { (provider.get(), $0.context) }
            #expect(metadata == ["otelTraceID": "\(context.traceID)", "otelSpanID": "\(context.spanID)"])
            #expect("\(context.traceID)".count == 32 && "\(context.spanID)".count == 16)
            #expect(provider.get().isEmpty)
        }

        @Test func flagsAreTwoDigits() throws {
            for flags: TraceFlags in [[], .sampled, [.sampled, .random], TraceFlags(rawValue: 0xFF)] {
                let span = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: flags)
                let metadata = Context.root.with(spanContext: span).run { Logger.MetadataProvider.telemetry.get() }
                let text = try (metadata["trace_flags"]?.description).unwrapped()
                #expect(text.count == 2 && UInt8(text, radix: 16) == flags.rawValue && text == text.lowercased())
            }
        }

        @Test func bothHandlersCanStandSideBySide() async throws {
            let kept = KeptText()
            let logger = Logger(label: "both") { label in
                MultiplexLogHandler([
                    logs.handler(label), StreamLogHandler(label: label, stream: kept, metadataProvider: .telemetry),
                ])
            }
            let context = spans.tracer.withSpan("work") { span in
                logger.info("inside", metadata: ["key": "value"])
                return span.context
            }
            let record = try await logs.records.last.unwrapped()
            #expect(record.spanID == context.spanID && record.attributes == ["key": "value"])
            #expect(kept.text.contains("key=value") && kept.text.contains("trace_id=\(context.traceID)"))
        }
    }
#endif
