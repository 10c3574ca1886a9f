// Loggers of swift-log with an in-memory exporter.

#if SwiftLog
    import Logging
    import Synchronization

    @testable import Telemetry

    /// A provider whose records are kept as they were exported, and loggers that hand it theirs.
    struct SwiftLogRecording {
        let exporter = KeptLogs()
        let clock = ManualClock()
        let provider: LoggerProvider

        private static let options = BatchOptions(maxQueueSize: 100_000, scheduleDelay: .seconds(3600))

        /// - Parameter processors: those before the one that exports.
        init(
            limits: LogRecordLimits = LogRecordLimits(), processors: [any LogProcessor] = [],
            configurator: LoggerConfigurator = .enablingAll, countsRecords: Bool = false
        ) {
            provider = LoggerProvider(
                resource: .service("tests"), limits: limits,
                processors: processors + [OneLaneLogProcessor(exporter, options: Self.options, clock: .manual(clock))],
                clock: .manual(clock), configurator: configurator, countsRecords: countsRecords)
        }

        func handler(_ label: String = "tests", metadataProvider: Logger.MetadataProvider? = nil) -> SwiftLogHandler {
            SwiftLogHandler(provider.logger(InstrumentationScope(name: label)), metadataProvider: metadataProvider)
        }

        func logger(_ label: String = "tests", metadataProvider: Logger.MetadataProvider? = nil) -> Logger {
            Logger(label: label) { handler($0, metadataProvider: metadataProvider) }
        }

        /// All records so far, in the order of their emission if one thread emitted them.
        var records: [ReadableLogRecord] {
            get async {
                _ = await provider.forceFlush(deadline: .after(.seconds(60)))
                return exporter.records
            }
        }

        /// The record that the closure logged.
        func record(_ log: (Logger) -> Void) async throws -> ReadableLogRecord {
            log(logger())
            return try await records.last.unwrapped()
        }
    }

    /// Keeps what is exported.
    final class KeptLogs: LogExporter {
        private let kept = Mutex<[ReadableLogRecord]>([])

        var records: [ReadableLogRecord] { kept.withLock { $0 } }

        func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
            let records = batch.map(\.detached)
            kept.withLock { $0 += records }
        }
    }

    /// Keeps the text of swift-log's own handler.
    final class KeptText: TextOutputStream, Sendable {
        private let kept = Mutex("")

        var text: String { kept.withLock { $0 } }

        func write(_ string: String) { kept.withLock { $0 += string } }
    }

    struct SampleError: Error, CustomStringConvertible {
        let description = "the shelf is gone"
    }
#endif
