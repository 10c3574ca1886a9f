// The part of all OTLP file exporters that opens and writes.

/// The target of lines of OTLP/JSON; a text, with variables or without, is the path of a file.
public enum OTLPFileTarget: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The file with this path; lines are appended.
    case file(String)
    case standardOutput

    public init(stringLiteral path: String) { self = .file(path) }
}

/// Writes each request of one signal as one line of JSON.
///
/// A file is appended to, and created if it is missing, readable and writable by its owner only. It is opened for each request, so
/// that log rotation needs no signal. (Specification: OTLP file exporter.)
final class OTLPFile: Sendable {
    private struct State {
        /// True if the last line was not written completely.
        var isInsideLine = false
        var isShutDown = false
    }

    private let signal: OTLPSignal
    private let target: OTLPFileTarget
    private let state = Locked(State())

    init(_ signal: OTLPSignal, _ target: OTLPFileTarget) {
        self.signal = signal
        self.target = target
    }

    /// Checks that the file can be written to.
    func check() throws(ConfigurationError) {
        guard case .file(let path) = target else { return }
        do throws(FileError) {
            try AppendedFile(path: path).check()
        } catch {
            throw ConfigurationError(setting: "otlpFile", value: path, expected: "a file that can be written to (\(error))")
        }
    }

    /// The target, for messages.
    var name: String { if case .file(let path) = target { path } else { "standard output" } }

    /// Writes one line, or as much of it as the target takes before the deadline.
    func append(_ items: ItemBatch, deadline: Deadline) throws(ExportFailure) {
        let (isShutDown, isInsideLine) = state.withLock { ($0.isShutDown, $0.isInsideLine) }
        guard !isShutDown else { throw .shutDown }
        // An incomplete line is ended first; readers skip it.
        let line = (isInsideLine ? [UInt8(ascii: "\n")] : []) + (try json(items)) + [UInt8(ascii: "\n")]
        do throws(StreamFailure) {
            try write(line, deadline: deadline)
            state.withLock { $0.isInsideLine = false }
        } catch {
            if error.hasBegun { state.withLock { $0.isInsideLine = true } }
            guard error.cause != .timedOut else { throw .timedOut() }
            throw .rejected(reason: "\(name) cannot be written to: \(error)")
        }
    }

    private func json(_ items: ItemBatch) throws(ExportFailure) -> [UInt8] {
        var message: [UInt8] = []
        OTLPRequestBody(items, of: signal).withPieces { for piece in $0 { message.append(contentsOf: piece) } }
        var json = OTLPJSON()
        do throws(OTLPJSON.Failure) { try json.write(signal.message, message) } catch {
            throw .rejected(reason: "the \(signal.items) cannot be written as JSON: \(error)")
        }
        return json.text
    }

    private func write(_ line: [UInt8], deadline: Deadline) throws(StreamFailure) {
        try line.withUnsafeBytes { line -> Result<Void, StreamFailure> in
            do throws(StreamFailure) {
                switch target {
                case .file(let path): try AppendedFile(path: path).append(line, deadline: deadline)
                case .standardOutput: try StandardStream.output.write(line, deadline: deadline)
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// Shuts down; later calls write nothing.
    func shutdown() { state.withLock { $0.isShutDown = true } }
}
