// The console exporter of the logging signal.

import Synchronization

/// Prints each log record on a line: time, level, message, attributes, scope and span.
///
/// For development: put it behind ``LogProcessor/simple(_:)``. The exception of a record follows on lines of
/// its own. In a terminal levels have colours, records of the same trace share a colour, and times have no date. The text may change
/// from version to version. (Specification: logs exporters, "Standard output".)
public final class ConsoleLogExporter: LogExporter {
    private let style: LogLineStyle
    private let stream: StandardStream
    private let isShutDown = Atomic(false)

    /// - Parameter showsScope: whether the name of the scope is printed.
    public convenience init(showsScope: Bool = false) {
        let stream = StandardStream.output
        self.init(
            LogLineStyle(showsScope: showsScope, showsDate: !stream.isTerminal, isColored: stream.isColored()),
            stream)
    }

    init(_ style: LogLineStyle, _ stream: StandardStream) {
        self.style = style
        self.stream = stream
    }

    public func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
        guard !isShutDown.load(ordering: .relaxed) else { throw .shutDown }
        var bytes: [UInt8] = []
        var ends: [Int] = []
        for record in copy batch {
            bytes += LogLine.text(for: record, style: style).utf8
            ends.append(bytes.count)
        }
        guard let failure = failureOfWriting(bytes, deadline) else { return }
        let unwrittenCount = ends.count { $0 > failure.writtenCount }
        if unwrittenCount < ends.count {
            throw .partiallyRejected(count: unwrittenCount, reason: "the console cannot be written to: \(failure)")
        }
        throw failure.cause == .timedOut ? .timedOut() : .rejected(reason: "the console cannot be written to: \(failure)")
    }

    /// Records that the stream does not accept before the deadline are dropped and counted.
    private func failureOfWriting(_ bytes: [UInt8], _ deadline: Deadline) -> StreamFailure? {
        bytes.withUnsafeBytes { bytes in
            do throws(StreamFailure) { try stream.write(bytes, deadline: deadline) } catch { return error }
            return nil
        }
    }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        isShutDown.store(true, ordering: .relaxed)
        return .completed
    }
}

extension LogExporter where Self == ConsoleLogExporter {
    /// Prints log records to standard output, a line each.
    public static func console(showsScope: Bool = false) -> Self { ConsoleLogExporter(showsScope: showsScope) }
}

extension LogProcessor where Self == SimpleLogProcessor {
    /// Prints log records to standard output, a line each.
    public static func console(showsScope: Bool = false) -> Self { .simple(.console(showsScope: showsScope)) }
}
