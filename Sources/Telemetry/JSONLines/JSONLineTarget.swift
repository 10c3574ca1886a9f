// Where lines of JSON go, and how a batch of records gets there.

/// Where lines of JSON are written to.
public enum JSONLineTarget: Sendable, Hashable {
    case standardOutput
    case standardError
    /// Appended to the file of that path, which gives way to a new one when it is full.
    ///
    /// It is made if there is none, for its owner alone to read and write. It is opened for each batch, so that programs that move log
    /// files away need not tell anybody; where there are such, `rotation` is nil.
    case file(String, rotation: FileRotation? = FileRotation())
}

extension JSONLineTarget {
    /// What it is, for people.
    var name: String {
        switch self {
        case .standardOutput: "standard output"
        case .standardError: "standard error"
        case .file(let path, _): path
        }
    }

    private var file: AppendedFile? {
        if case .file(let path, let rotation) = self { AppendedFile(path: path, rotation: rotation) } else { nil }
    }

    /// Makes sure that it can be written to.
    func check() throws(ConfigurationError) {
        guard let file else { return }
        if let rotation = file.rotation, !rotation.isUsable {
            throw ConfigurationError(
                setting: "rotation", value: "\(rotation.maximumFiles) files of \(rotation.maximumSize) bytes",
                expected: "from 1 to 1000 files of at least one byte")
        }
        do throws(FileError) { try file.check() } catch {
            throw ConfigurationError(
                setting: "jsonLines", value: file.path, expected: "a file that can be written to, and renamed when it is full (\(error))")
        }
    }

    /// Whether something was written there before that lacks the end of its line.
    var endsInsideLine: Bool { file?.endsInsideLine ?? false }

    func write(_ lines: UnsafeRawBufferPointer, deadline: Deadline) throws(StreamFailure) {
        switch self {
        case .standardOutput: try StandardStream.output.write(lines, deadline: deadline)
        case .standardError: try StandardStream.error.write(lines, deadline: deadline)
        case .file(let path, let rotation): try AppendedFile(path: path, rotation: rotation).append(lines, deadline: deadline)
        }
    }
}

/// Encodes batches and writes them where they go; knows whether the last line there was written to its end.
struct JSONLineDelivery: Sendable {
    let target: JSONLineTarget
    private(set) var isInsideLine: Bool
    private var encoder: JSONLineEncoder

    /// Lines are written once they have so many bytes; usually all of a batch are written together.
    private static let flushedBytes = 1 << 20

    init(_ target: JSONLineTarget, _ format: JSONLineFormat, isInsideLine: Bool = false) {
        self.target = target
        self.isInsideLine = isInsideLine
        encoder = JSONLineEncoder(format)
    }

    /// Writes a line for each record; of what could not be written the first reason counts, and nothing is tried after it.
    mutating func deliver(_ items: ItemBatch, deadline: Deadline) throws(ExportFailure) {
        var delivered = 0
        // What was begun and could not be ended is a line of its own, which readers pass over.
        if isInsideLine { encoder.appendLineEnd() }
        do throws(StreamFailure) {
            var records = OrderedLogRecords(items)
            while let record = records.next() {
                encoder.begin(record.recordedScope)
                record.withMessage { encoder.append($0) }
                if encoder.count >= Self.flushedBytes { try flush(&delivered, deadline) }
            }
            try flush(&delivered, deadline)
        } catch {
            encoder.removeAll()
            throw failure(error, delivered: delivered, of: items.itemCount)
        }
    }

    private mutating func flush(_ delivered: inout Int, _ deadline: Deadline) throws(StreamFailure) {
        guard encoder.count > 0 else { return }
        let target = target
        let (failure, endCount, last) = encoder.lines.withUnsafeBytes { bytes -> (StreamFailure?, Int, UInt8?) in
            do throws(StreamFailure) {
                try target.write(bytes, deadline: deadline)
                return (nil, encoder.lineCount, bytes.last)
            } catch {
                let written = bytes.prefix(error.writtenCount)
                return (error, written.count { $0 == UInt8(ascii: "\n") } - (isInsideLine && !written.isEmpty ? 1 : 0), written.last)
            }
        }
        delivered += endCount
        if let last { isInsideLine = last != UInt8(ascii: "\n") }
        if let failure { throw failure }
        encoder.removeAll()
    }

    private func failure(_ failure: StreamFailure, delivered: Int, of count: Int) -> ExportFailure {
        let reason = "\(target.name) cannot be written to: \(failure)"
        guard delivered == 0 else { return .partiallyRejected(count: count - delivered, reason: reason) }
        return failure.cause == .timedOut ? .timedOut() : .rejected(reason: reason)
    }
}
