// Work run by the telemetry system: return, error, signal.

import Testing

@testable import Telemetry

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One after another: a process has one set of signals.
@Suite(.serialized) struct RunTests {
    private struct NoRoom: Error {}

    private let memory = InMemorySpanExporter()

    /// A shell that starts the tests in the background has them ignore SIGINT.
    init() {
        for number in [SIGTERM, SIGINT] { _ = signal(number, SIG_DFL) }
    }

    private func start() throws -> TelemetrySystem {
        try TelemetrySystem.start(spans: [.batch(memory)], metrics: [], logs: [], environment: [:])
    }

    /// Throws as soon as the task is cancelled; if it never is, the test has failed.
    private func untilCancelled() async throws {
        #expect(await eventually { Task.isCancelled })
        try Task.checkCancellation()
    }

    /// Whether the signal would end the process.
    private func isDefault(_ number: Int32) -> Bool {
        let handler = signal(number, SIG_DFL)
        defer { _ = signal(number, handler) }
        return handler == nil
    }

    @Test func returningWorkIsExportedAndTelemetryShutDown() async throws {
        let telemetry = try start()
        try await telemetry.run { telemetry in
            #expect(TelemetrySystem.current === telemetry)
            telemetry.tracer("run").withSpan("work") { _ in }
        }
        #expect(memory.finishedSpans.map(\.name) == ["work"])
        #expect(!telemetry.tracer("run").isEnabled && isDefault(SIGTERM) && isDefault(SIGINT))
    }

    @Test func errorOfWorkIsRethrownAfterExport() async throws {
        let telemetry = try start()
        await #expect(throws: NoRoom.self) {
            try await telemetry.run { telemetry in
                telemetry.tracer("run").withSpan("work") { _ in }
                throw NoRoom()
            }
        }
        #expect(memory.finishedSpans.map(\.name) == ["work"] && !telemetry.tracer("run").isEnabled)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func signalCancelsWorkWithoutError(number: Int32) async throws {
        let telemetry = try start()
        try await telemetry.run { telemetry in
            telemetry.tracer("run").withSpan("work") { _ in }
            kill(getpid(), number)
            try await untilCancelled()
        }
        #expect(memory.finishedSpans.map(\.name) == ["work"] && !telemetry.tracer("run").isEnabled)
        #expect(isDefault(SIGTERM) && isDefault(SIGINT))
    }

    @Test func errorAfterSignalIsRethrown() async throws {
        let telemetry = try start()
        await #expect(throws: NoRoom.self) {
            try await telemetry.run { _ in
                kill(getpid(), SIGTERM)
                try? await untilCancelled()
                throw NoRoom()
            }
        }
    }

    @Test func workThatIgnoresCancellationIsAbandoned() async throws {
        let telemetry = try start()
        let (gate, opener) = AsyncStream<Void>.makeStream()
        try await telemetry.run(within: .milliseconds(20)) { _ in
            kill(getpid(), SIGTERM)
            // A task of its own hears of no cancellation.
            await Task { for await _ in gate {} }.value
        }
        #expect(!telemetry.tracer("run").isEnabled)
        opener.finish()
    }

    @Test func cancellingTheCallerCancelsTheWork() async throws {
        let telemetry = try start()
        let caller = Task { try await telemetry.run { _ in try await untilCancelled() } }
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        #expect(!telemetry.tracer("run").isEnabled)
    }

    @Test func signalHandlersOfTheHostAreKept() async throws {
        _ = signal(SIGINT, SIG_IGN)
        defer { _ = signal(SIGINT, SIG_DFL) }
        try await start().run { _ in
            kill(getpid(), SIGINT)
            #expect(!Task.isCancelled)
        }
        #expect(!isDefault(SIGINT) && isDefault(SIGTERM))
    }

    @Test func signalHandlerInstalledByWorkIsKept() async throws {
        try await start().run { _ in _ = signal(SIGTERM, SIG_IGN) }
        #expect(!isDefault(SIGTERM) && isDefault(SIGINT))
        _ = signal(SIGTERM, SIG_DFL)
    }

    @Test func nestedRunLeavesSignalsToTheOuterRun() async throws {
        let (outer, inner) = (try start(), try start())
        try await outer.run { _ in
            try await inner.run { _ in
                kill(getpid(), SIGTERM)
                try await untilCancelled()
            }
        }
        #expect(!outer.tracer("run").isEnabled && !inner.tracer("run").isEnabled)
        #expect(isDefault(SIGTERM))
    }
}
