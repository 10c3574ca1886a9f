// Writes spans as lines of OTLP/JSON to a file or to standard output.

import Synchronization

/// Where lines of OTLP/JSON are written to.
public enum OTLPFileTarget: Sendable, Hashable, ExpressibleByStringLiteral {
    /// Appended to the file of that path.
    case path(String)
    case standardOutput

    public init(stringLiteral path: String) { self = .path(path) }
}

/// Writes each batch of spans as one line of JSON: a `TracesData` message.
///
/// A file is appended to; one that does not exist is made, for its owner alone to read and write. It is opened for each batch, so that
/// programs that move log files away need not tell anybody. (Specification: OTLP file exporter.)
public final class OTLPFileSpanExporter: ConfiguredExporter, ReportingExporter {
    private struct State {
        /// Whether the last line was not written to its end.
        var isInsideLine = false
        var isShutDown = false
    }

    private let target: OTLPFileTarget
    private let state = Mutex(State())

    public init(_ target: OTLPFileTarget) {
        self.target = target
    }

    /// Makes sure that the file can be written to.
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        guard case .path(let path) = target else { return }
        do throws(FileError) {
            try AppendedFile(path: path).check()
        } catch {
            throw ConfigurationError(setting: "otlpFile", value: path, expected: "a file that can be written to (\(error))")
        }
    }

    var destinationName: String { if case .path(let path) = target { path } else { "standard output" } }

    var status: DestinationStatus { DestinationStatus() }

    var maximumConcurrentExports: Int { 1 }

    public func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
        let (isShutDown, isInsideLine) = state.withLock { ($0.isShutDown, $0.isInsideLine) }
        guard !isShutDown else { throw .shutDown }
        // What was begun and could not be ended is a line of its own, which readers pass over.
        let line = (isInsideLine ? [UInt8(ascii: "\n")] : []) + (try json(batch.items)) + [UInt8(ascii: "\n")]
        do throws(StreamFailure) {
            try write(line)
            state.withLock { $0.isInsideLine = false }
        } catch {
            if error.hasBegun { state.withLock { $0.isInsideLine = true } }
            throw .rejected(reason: "\(destinationName) cannot be written to: \(error.error)")
        }
    }

    private func json(_ items: ItemBatch) throws(ExportFailure) -> [UInt8] {
        var message: [UInt8] = []
        OTLPRequestBody(items).withPieces { for piece in $0 { message.append(contentsOf: piece) } }
        var json = OTLPJSON()
        do throws(OTLPJSON.Failure) { try json.write(.tracesData, message) } catch {
            throw .rejected(reason: "the spans cannot be written as JSON: \(error)")
        }
        return json.text
    }

    private func write(_ line: [UInt8]) throws(StreamFailure) {
        try line.withUnsafeBytes { line -> Result<Void, StreamFailure> in
            do throws(StreamFailure) {
                switch target {
                case .path(let path): try AppendedFile(path: path).append(line)
                case .standardOutput: try StandardStream.output.write(line)
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }.get()
    }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        state.withLock { $0.isShutDown = true }
        return .completed
    }
}

extension SpanExporter where Self == OTLPFileSpanExporter {
    /// Writes spans as lines of OTLP/JSON: `.otlpFile("/var/log/spans.jsonl")` or `.otlpFile(.standardOutput)`.
    public static func otlpFile(_ target: OTLPFileTarget) -> Self { OTLPFileSpanExporter(target) }
}
