// Turns a batch of log records into lines, and accounts for partial writes.

/// Encodes batches and writes them to a target; records whether the last line there is complete.
struct JSONLineDelivery: Sendable {
    let target: JSONLineTarget
    private(set) var isInsideLine: Bool
    private var encoder: JSONLineEncoder

    /// The bytes at which buffered lines are written; usually a batch is written at once.
    private static let flushedBytes = 1 << 20

    init(_ target: JSONLineTarget, _ format: JSONLineFormat, isInsideLine: Bool = false) {
        self.target = target
        self.isInsideLine = isInsideLine
        encoder = JSONLineEncoder(format)
    }

    /// Writes a line for each record; throws the first failure and writes nothing after it.
    mutating func deliver(_ items: ItemBatch, deadline: Deadline) throws(ExportFailure) {
        var delivered = 0
        // A partial line is terminated, so that readers can skip it.
        if isInsideLine { encoder.appendLineEnd() }
        do throws(StreamFailure) {
            var records = OrderedLogRecords(items)
            while records.withNext({ scope, message in
                encoder.begin(scope)
                encoder.append(message)
            }) {
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
