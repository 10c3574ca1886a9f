// From a program that logs with swift-log to exporters; and the examples of the guide to bridges, word for word.

#if SwiftLog
    import Logging
    import Testing

    @testable import Telemetry

    #if SwiftTracing
        import Tracing
    #endif

    struct SwiftLogGuideTests {
        private static func telemetry(
            _ exporter: KeptLogs, configurator: LoggerConfigurator = .enablingAll, isOff: Bool = false
        ) throws -> TelemetrySystem {
            try TelemetrySystem.start(
                resource: .service("tests"), resourceIsComplete: true, sampler: .alwaysOn, spans: [], metrics: [],
                logs: [.batch(exporter)], logOptions: LogOptions(configurator: configurator),
                environment: isOff ? ["OTEL_SDK_DISABLED": "true"] : [:])
        }

        @Test func theLabelIsTheNameOfTheScope() async throws {
            let exporter = KeptLogs()
            let telemetry = try Self.telemetry(exporter)
            Logger(label: "album-store.shelf") { telemetry.swiftLogHandler(label: $0) }.info("closure")
            Logger(label: "album-store.shelf", factory: telemetry.swiftLogHandler(label:)).info("one parameter")
            Logger(label: "album-store.shelf", factory: telemetry.swiftLogHandler(label:metadataProvider:)).info("two parameters")
            Logger(label: "") { telemetry.swiftLogHandler(label: $0) }.info("without a label")
            #expect(await telemetry.shutdown() == .completed)
            #expect(exporter.records.prefix(3).allSatisfy { $0.instrumentationScope == InstrumentationScope(name: "album-store.shelf") })
            #expect(exporter.records.map(\.instrumentationScope.name).last == "swift-log")
            #expect(exporter.records.count == 4 && exporter.records.allSatisfy { $0.attributes.isEmpty })
        }

        @Test func labelsThatAreTooManyAreKeptAsAttributes() async throws {
            let exporter = KeptLogs()
            let telemetry = try Self.telemetry(exporter)
            for number in 0..<10_000 { _ = telemetry.swiftLogHandler(label: "request-\(number)") }
            Logger(label: "request-10000") { telemetry.swiftLogHandler(label: $0) }.info("beyond", metadata: ["key": "value"])
            Logger(label: "request-9999") { telemetry.swiftLogHandler(label: $0) }.info("known")
            #expect(await telemetry.shutdown() == .completed)
            let records = Dictionary(grouping: exporter.records, by: \.body).compactMapValues(\.first)
            #expect(records["beyond"]?.instrumentationScope.name == "")
            #expect(records["beyond"]?.attributes == ["swift_log.label": "request-10000", "key": "value"])
            #expect(records["known"]?.instrumentationScope.name == "request-9999" && records["known"]?.attributes == [:])
        }

        @Test func whenTelemetryIsOffOrShutDownLoggingDoesNothing() async throws {
            let exporter = KeptLogs()
            let off = try Self.telemetry(exporter, isOff: true)
            let telemetry = try Self.telemetry(exporter)
            let logger = Logger(label: "before") { telemetry.swiftLogHandler(label: $0) }
            #expect(await telemetry.shutdown() == .completed)
            logger.critical("after shutdown")
            for system in [off, telemetry] {
                let logger = Logger(label: "afterwards") { system.swiftLogHandler(label: $0) }
                logger.info("not even made: \(unwanted())")
                logger.critical("dropped", error: SampleError(), metadata: ["key": "value"])
            }
            #expect(exporter.records.isEmpty)
        }

        /// A process bootstraps once: nothing else in these tests does.
        @Test func aProgramBootstrapsOnceAndLogsWithoutNamingTheHandler() async throws {
            let exporter = KeptLogs()
            let telemetry = try Self.telemetry(exporter)
            let provider = Logger.MetadataProvider { ["request.id": "7"] }
            LoggingSystem.bootstrap(telemetry.swiftLogHandler, metadataProvider: provider)

            Logger(label: "album-store").info("album found", metadata: ["album.id": "42"])
            Logger(label: "album-store", metadataProvider: Logger.MetadataProvider { ["other": "provider"] }).info("with another provider")
            var scoped = Logger(label: "album-store")
            scoped[metadataKey: "user.id"] = "9"
            withLogger(scoped) { _ in
                withLogger(mergingMetadata: ["step": "last"]) { $0.notice("in a scope") }
            }

            #expect(await telemetry.shutdown() == .completed)
            #expect(
                exporter.records.map(\.attributes) == [
                    ["request.id": "7", "album.id": "42"], ["other": "provider"], ["request.id": "7", "user.id": "9", "step": "last"],
                ])
        }

        #if SwiftTracing
            @Test func aRecordInsideASpanOfSwiftDistributedTracingCarriesItsIdentifiers() async throws {
                let exporter = KeptLogs()
                let telemetry = try Self.telemetry(exporter)
                let (theirs, ours) = (telemetry.distributedTracer(), telemetry.tracer("ours"))
                let kept = KeptText()
                let logger = Logger(label: "both") {
                    MultiplexLogHandler([
                        telemetry.swiftLogHandler(label: $0), StreamLogHandler(label: $0, stream: kept, metadataProvider: .telemetry),
                    ])
                }
                let expected = await theirs.withSpan("outer") { outer in
                    logger.info("outer")
                    let inner = ours.withSpan("inner") { span in
                        logger.info("inner")
                        return span.context.spanID
                    }
                    let innermost = await theirs.withSpan("innermost") { span in
                        await Task { logger.info("in a task") }.value
                        return span.span.context.spanID
                    }
                    return [outer.span.context.spanID, inner, innermost]
                }
                logger.info("outside")
                #expect(await telemetry.shutdown() == .completed)
                #expect(exporter.records.map(\.spanID) == expected + [.invalid])
                #expect(Set(expected).count == 3 && Set(exporter.records.prefix(3).map(\.traceID)).count == 1)
                let lines = kept.text.split(separator: "\n")
                #expect(zip(lines, expected).allSatisfy { $0.contains("span_id=\($1)") } && lines.last?.contains("span_id") == false)
            }
        #endif

        private func unwanted() -> String {
            Issue.record("What is disabled is not made.")
            return ""
        }

        // MARK: Examples of the guide that bootstrap the process: compiled, and not run

        private func bootstrap() throws {
            let telemetry = try TelemetrySystem.start(resource: .service("album-store"))
            LoggingSystem.bootstrap(telemetry.swiftLogHandler)
        }

        private func levels(_ telemetry: TelemetrySystem) {
            LoggingSystem.bootstrap { label in
                var handler = telemetry.swiftLogHandler(label: label)
                handler.logLevel = .trace
                handler.recordsSourceLocation = true
                return handler
            }
            telemetry.updateLoggerConfigurator(.minimumSeverity(.debug, for: "album-store.*"))
        }

        private enum Tenant {
            @TaskLocal static var current = "none"
        }

        private func handlerOfAModule(_ telemetry: TelemetrySystem) {
            let provider = Logger.MetadataProvider { ["tenant": "\(Tenant.current)"] }
            let logger = Logger(label: "checkout") { _ in
                SwiftLogHandler(telemetry.logger("checkout", version: "2.1.0"), metadataProvider: provider)
            }
            logger.info("ready")
        }

        private func handlersOfOthers(_ telemetry: TelemetrySystem) {
            LoggingSystem.bootstrap { label in
                MultiplexLogHandler([
                    telemetry.swiftLogHandler(label: label),
                    StreamLogHandler.standardError(
                        label: label, metadataProvider: .telemetry(traceIDKey: "otelTraceID", spanIDKey: "otelSpanID", traceFlagsKey: nil)),
                ])
            }
        }

        @Test func theExamplesOfTheGuideStandHere() throws {
            let examples = try GuideExamples("Bridges.md", section: "swift-log")
            #expect(examples.blocks.count == 4)
            #expect(try examples.missing(in: #filePath) == [])
        }
    }
#endif
