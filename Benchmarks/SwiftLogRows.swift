// The cost of logging with swift-log, with the bridge and with swift-log's own handler.

#if SwiftLog
    import Glibc
    import Logging
    import Telemetry

    enum SwiftLogRows {
        /// The cost of a call on its thread, and of the process until the line is written.
        private struct Figures {
            var call: Cost
            var cpu: Double
        }

        static func measure(_ floors: Floors) async throws -> [Row] {
            let discarding = try TelemetrySystem.start(sampler: .alwaysOff, spans: [], metrics: [], logs: [.batch(DiscardingLogExporter())])
            let queued = Logger(label: "benchmark") { discarding.swiftLogHandler(label: $0, metadataProvider: nil) }
            var rows: [Row] = []
            for threads in 1...2 {
                let cost = Measurement.best(threads: threads, between: { Blocking.run { await discarding.forceFlush() } }) { calls in
                    for _ in 0..<calls { fiveValues(queued) }
                }
                rows.append(
                    Row(
                        name: "swift-log to queue, 5 values, \(threads) thread\(threads == 1 ? "" : "s")", value: cost.nanoseconds,
                        floor: floors.clock, allocations: cost.allocations, budget: nil))
            }
            let made = Measurement.best { makeFiveValues() }
            rows.append(
                Row(
                    name: "swift-log's own part: making 5 values", value: made.nanoseconds, floor: floors.clock,
                    allocations: made.allocations, budget: nil))
            let refused = Measurement.best { disabled(queued) }
            rows.append(
                Row(
                    name: "swift-log, disabled", value: refused.nanoseconds, floor: floors.clock, allocations: refused.allocations,
                    budget: nil))
            await discarding.shutdown()
            return try await rows + lines()
        }

        /// Both handlers write to standard output, which is redirected to a file.
        private static func lines() async throws -> [Row] {
            let telemetry = try TelemetrySystem.start(
                sampler: .alwaysOff, spans: [], metrics: [], logs: [.simple(.jsonLines(.standardOutput))])
            let ours = Logger(label: "benchmark") { telemetry.swiftLogHandler(label: $0, metadataProvider: nil) }
            let theirs = Logger(label: "benchmark") { StreamLogHandler.standardOutput(label: $0) }
            let (stream, bridge) = StandardOutput.inAFile {
                (
                    figures(theirs, flush: {}),
                    figures(ours, flush: { Blocking.run { await telemetry.forceFlush() } })
                )
            }
            await telemetry.shutdown()
            return [
                Row(
                    name: "swift-log to standard output, its own handler", value: stream.call.nanoseconds,
                    floor: ("swift-log", stream.call.nanoseconds), allocations: stream.call.allocations, budget: nil,
                    note: "text; CPU of the process \(Report.short(stream.cpu)) ns"),
                Row(
                    name: "swift-log to standard output, JSON lines", value: bridge.call.nanoseconds,
                    floor: ("swift-log", stream.call.nanoseconds), allocations: bridge.call.allocations, budget: nil,
                    note: "CPU of the process \(Report.short(bridge.cpu)) ns"),
            ]
        }

        private static func figures(_ logger: Logger, flush: @escaping @Sendable () -> Void) -> Figures {
            let call = Measurement.best(threads: 1, rounds: 100, between: flush) { calls in
                for _ in 0..<calls { fiveValues(logger) }
            }
            var cpu = Double.infinity
            for _ in 0..<100 {
                flush()
                let start = Measurement.processTime()
                for _ in 0..<900 { fiveValues(logger) }
                flush()
                cpu = min(cpu, Double(Measurement.processTime() - start) / 900)
            }
            return Figures(call: call, cpu: cpu)
        }

        /// The record of the budgets: three strings, an integer and a Boolean.
        @inline(never)
        private static func fiveValues(_ logger: Logger) {
            logger.info("album found", metadata: metadata)
        }

        /// The cost before a handler is called.
        @inline(never)
        private static func makeFiveValues() {
            keep(metadata)
        }

        @inline(__always)
        private static var metadata: Logger.Metadata {
            [
                "http.request.method": "GET", "http.route": "/albums/:id", "server.address": "albums.example.com",
                "http.response.status_code": .stringConvertible(200), "cache.hit": .stringConvertible(true),
            ]
        }

        @inline(never)
        private static func disabled(_ logger: Logger) {
            logger.debug("album found", metadata: metadata)
        }
    }

    private enum StandardOutput {
        /// Runs a closure with standard output redirected to a temporary file.
        static func inAFile<Result>(_ work: () -> Result) -> Result {
            fflush(nil)
            let saved = dup(STDOUT_FILENO)
            var path = Array("/tmp/telemetry-benchmark-XXXXXX".utf8CString)
            let file = mkstemp(&path)
            unlink(path)
            dup2(file, STDOUT_FILENO)
            defer {
                fflush(nil)
                dup2(saved, STDOUT_FILENO)
                close(saved)
                close(file)
            }
            return work()
        }
    }
#endif
