// Runs telemetry in groups of services: graceful shutdown, cancellation, services that throw, receivers that refuse.

#if ServiceLifecycle
    import Logging
    import ServiceLifecycle
    import Testing
    import UnixSignals

    @testable import Telemetry

    struct TelemetryServiceTests {
        private struct NoRoom: Error, Equatable {}

        /// Takes no batch.
        private struct RefusingExporter: SpanExporter {
            func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
                throw .rejected(reason: "refused by the test")
            }
        }

        /// Records a span when it is told to end.
        private struct Worker: Service {
            let telemetry: TelemetrySystem
            let error: NoRoom?

            func run() async throws {
                telemetry.tracer("worker").withSpan("begin") { _ in }
                if let error { throw error }
                try? await gracefulShutdown()
                telemetry.tracer("worker").withSpan("end") { _ in }
            }
        }

        private let memory = InMemorySpanExporter()

        private func start(_ exporter: (any SpanExporter)? = nil) throws -> TelemetrySystem {
            try TelemetrySystem.start(spans: [.batch(exporter ?? memory)], metrics: [], logs: [], environment: [:])
        }

        private func group(_ services: [ServiceGroupConfiguration.ServiceConfiguration]) -> ServiceGroup {
            ServiceGroup(configuration: .init(services: services, logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }))
        }

        @Test func telemetryListedFirstExportsWhatIsRecordedDuringGracefulShutdown() async throws {
            let telemetry = try start()
            let group = group([.init(service: telemetry), .init(service: Worker(telemetry: telemetry, error: nil))])
            await group.triggerGracefulShutdown()
            try await group.run()
            // The task may have moved to another core between the two, and each core has a lane of its own.
            #expect(Set(memory.finishedSpans.map(\.name)) == ["begin", "end"])
            #expect(!telemetry.tracer("worker").isEnabled)
        }

        @Test(arguments: [ServiceGroupConfiguration.ServiceConfiguration.TerminationBehavior.cancelGroup, .gracefullyShutdownGroup])
        func errorOfAnotherServiceIsThrownOnAfterExport(
            behavior: ServiceGroupConfiguration.ServiceConfiguration.TerminationBehavior
        ) async throws {
            let telemetry = try start()
            let worker = Worker(telemetry: telemetry, error: NoRoom())
            let group = group([.init(service: telemetry), .init(service: worker, failureTerminationBehavior: behavior)])
            await #expect(throws: NoRoom.self) { try await group.run() }
            #expect(memory.finishedSpans.map(\.name) == ["begin"] && !telemetry.tracer("worker").isEnabled)
        }

        @Test func refusedSpansDoNotFailTheGroupAndAreReported() async throws {
            let messages = Journal<String>()
            Diagnostics.setHandler { messages.note($0.message) }
            defer { Diagnostics.setHandler(nil) }
            let telemetry = try start(RefusingExporter())
            let group = group([.init(service: telemetry), .init(service: Worker(telemetry: telemetry, error: nil))])
            await group.triggerGracefulShutdown()
            try await group.run()
            #expect(telemetry.health.pipelines.map(\.droppedCount) == [2])
            #expect(messages.entries.contains { $0.contains("could not be delivered") && $0.contains("refused by the test") })
        }

        @Test func cancellationOutsideOfAGroupEndsTheServiceWithoutAnError() async throws {
            let telemetry = try start()
            telemetry.tracer("worker").withSpan("begin") { _ in }
            let service = Task { await telemetry.run() }
            service.cancel()
            await service.value
            #expect(memory.finishedSpans.map(\.name) == ["begin"] && !telemetry.tracer("worker").isEnabled)
        }

        @Test func exampleOfTheGuideIsCompiled() async throws {
            let examples = try GuideExamples("Bridges.md", section: "swift-service-lifecycle")
            #expect(examples.blocks.count == 1)
            #expect(try examples.missing(in: #filePath) == [])
        }
    }

    /// The example of the guide to bridges.
    private enum ServiceLifecycleGuide {
        static func run(_ database: any Service, _ server: any Service) async throws {
            let telemetry = try TelemetrySystem.start(resource: .service("album-store"))
            let group = ServiceGroup(
                services: [telemetry, database, server], gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "album-store"))
            try await group.run()
        }
    }
#endif
