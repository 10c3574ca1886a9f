// Keeps log records in a file with an index of their words.

package import ExampleSupport
import Synchronization
package import Telemetry

/// Log records in an SQLite file, which outlive the process and are found by their words.
///
/// A record is in the file within a fifth of a second, or as soon as the one before is; a killed process loses what was not. The records lie in
/// shards of some 130,000, each with an index of its own: the newest are looked at first, and the oldest shard is removed as a whole, a few thousand
/// records at a time.
package final class LogStore: Sendable {
    private struct State {
        var waiting: [LogStoreWriter.Request] = []
        var waitingItems = 0
        var waitingBytes = 0
        var isEnding = false
        var counts = Counts()
        /// Connections that no search uses at the moment.
        var readers: [LogStoreReader] = []
    }

    /// What became of records.
    package struct Counts: Sendable, Equatable {
        /// Records that are committed.
        package var stored = 0
        /// Records that came faster than the file takes them, or could not be written.
        package var dropped = 0
        package var lastFailure: String?
    }

    private static let pause = Duration.milliseconds(100)
    /// Bytes that wait from which on the file is written at once.
    private static let urgentBytes = 2 << 20

    let contents = LogStoreContents()
    private let path: String
    private let limits: LogStoreLimits
    private let state = Mutex(State())
    private let arrivals = Semaphore()
    private let end = Semaphore()

    /// Opens or creates a file, and begins to write.
    package init(path: String, limits: LogStoreLimits = LogStoreLimits()) throws(StartFailure) {
        self.path = path
        self.limits = limits
        let writer: LogStoreWriter
        do throws(SQLiteFile.Failure) { writer = try LogStoreWriter(path, limits, contents) } catch {
            throw StartFailure(.configuration, "LOG_STORE: \(path): \(error)")
        }
        guard WorkerThread.start(named: "console-logs", { self.work(writer) }) else {
            throw StartFailure(.unavailable, "The system gives no more threads.")
        }
    }

    package var counts: Counts { state.withLock { $0.counts } }

    /// Records that wait for the file.
    var waiting: Int { state.withLock { $0.waitingItems } }

    // MARK: Writing

    /// Takes a request in protobuf; it never waits.
    package func store(_ bytes: [UInt8], items: Int) {
        guard items > 0 else { return }
        let arrival = Timestamp.now.nanosecondsSinceEpoch
        let isUrgent = state.withLock { state in
            guard state.waitingBytes + bytes.count <= limits.waitingBytes, !state.isEnding else {
                state.counts.dropped += items
                return false
            }
            state.waiting.append(LogStoreWriter.Request(bytes: bytes, arrival: arrival))
            state.waitingItems += items
            state.waitingBytes += bytes.count
            return state.waitingBytes >= Self.urgentBytes && state.waitingBytes - bytes.count < Self.urgentBytes
        }
        if isUrgent { arrivals.post() }
    }

    /// Writes what waits, and ends.
    package func stop(until deadline: Deadline) async {
        state.withLock { $0.isEnding = true }
        arrivals.post()
        await withCheckedContinuation { continuation in
            let isStarted = WorkerThread.start(named: "console-end") {
                _ = self.end.wait(until: deadline)
                continuation.resume()
            }
            if !isStarted { continuation.resume() }
        }
    }

    private func work(_ writer: LogStoreWriter) {
        defer { end.post() }
        while true {
            let (requests, items, isEnding) = state.withLock { state in
                defer { (state.waiting, state.waitingItems, state.waitingBytes) = ([], 0, 0) }
                return (state.waiting, state.waitingItems, state.isEnding)
            }
            if !requests.isEmpty { write(requests, items, writer) }
            do throws(SQLiteFile.Failure) {
                try writer.makeRoom(now: Timestamp.now.nanosecondsSinceEpoch, added: items)
            } catch {
                state.withLock { $0.counts.lastFailure = "\(error)" }
            }
            if isEnding { return }
            _ = arrivals.wait(until: .after(Self.pause))
        }
    }

    private func write(_ requests: [LogStoreWriter.Request], _ items: Int, _ writer: LogStoreWriter) {
        do throws(SQLiteFile.Failure) {
            let count = try writer.store(requests)
            state.withLock { state in
                state.counts.stored += count
                state.counts.dropped += items - count
                state.counts.lastFailure = nil
            }
        } catch {
            state.withLock { state in
                state.counts.dropped += items
                state.counts.lastFailure = "\(error)"
            }
        }
    }

    // MARK: Searching

    /// Returns the newest records before a place.
    func newest(
        _ term: SearchTerm, _ window: TimeWindow, _ limit: Int, before place: ListPlace?, within duration: Duration
    ) throws(APIError) -> (result: LogSearch.Result, blocks: [LogBlock]) {
        try read { (reader) throws(SQLiteFile.Failure) in
            try reader.newest(term, kept(window), limit, before: place, within: duration)
        }
    }

    /// Counts the records over time, by severity and service.
    func volume(_ term: SearchTerm, _ window: TimeWindow, steps: Int, within duration: Duration) throws(APIError) -> LogSearch.Volume {
        try read { (reader) throws(SQLiteFile.Failure) in
            try reader.volume(term, kept(window), steps: steps, now: Timestamp.now.nanosecondsSinceEpoch, within: duration)
        }
    }

    /// Counts the records over time by the values of a field.
    func breakdown(
        _ term: SearchTerm, _ window: TimeWindow, _ request: LogBreakdown.Request, within duration: Duration
    ) throws(APIError) -> LogBreakdown {
        try read { (reader) throws(SQLiteFile.Failure) in
            try reader.breakdown(term, kept(window), request, now: Timestamp.now.nanosecondsSinceEpoch, within: duration)
        }
    }

    /// Records that are too old are not found, though their shard is not removed yet.
    private func kept(_ window: TimeWindow) -> TimeWindow {
        let now = Timestamp.now.nanosecondsSinceEpoch
        let oldest = now > limits.age ? now - limits.age : 0
        // A window without a beginning keeps none, so that a chart of it begins with the first record.
        return window.from < oldest && contents.oldest < oldest ? TimeWindow(from: oldest, to: max(oldest + 1, window.to)) : window
    }

    private func read<Result>(_ body: (LogStoreReader) throws(SQLiteFile.Failure) -> Result) throws(APIError) -> Result {
        do throws(SQLiteFile.Failure) {
            let reader: LogStoreReader
            if let idle = state.withLock({ $0.readers.popLast() }) { reader = idle } else { reader = try LogStoreReader(path, contents) }
            let result = try body(reader)
            state.withLock { $0.readers.append(reader) }
            return result
        } catch {
            throw APIError(status: 503, message: "The log store cannot be read: \(error)")
        }
    }

    /// Checks that the index can answer a search.
    ///
    /// - Parameter text: the search as it was written, for the place of an error.
    static func check(_ term: SearchTerm, in text: String) throws(APIError) {
        switch term {
        case .everything: return
        case .all(let terms), .any(let terms): for term in terms { try check(term, in: text) }
        case .not(let term): try check(term, in: text)
        case .condition(let condition):
            switch condition.field {
            case .run:
                throw APIError(
                    message: "The log store knows no runs; give the times of one as from and to.", column: column(of: "run", in: text))
            case .text where !LogIndexQuery.hasWords(condition.text):
                throw APIError(
                    message: "\"\(condition.text)\" has no letter and no digit; the log store finds words.",
                    column: column(of: condition.text, in: text))
            default: return
            }
        }
    }

    private static func column(of part: String, in text: String) -> Int {
        let (text, part) = (Array(text), Array(part))
        guard let place = text.indices.first(where: { text[$0...].starts(with: part) }) else { return 1 }
        return place + 1
    }
}

extension LogStore {
    /// Opens the file of `LOG_STORE`; nil without one.
    package static func start(_ environment: ServiceEnvironment) throws(StartFailure) -> LogStore? {
        guard let path = environment["LOG_STORE"] else { return nil }
        return try LogStore(path: path, limits: try LogStoreLimits(environment))
    }
}
