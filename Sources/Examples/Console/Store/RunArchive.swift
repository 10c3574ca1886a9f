// Keeps what was received in a file, so that it outlives the process.

package import ExampleSupport
import Synchronization
package import Telemetry

/// Received requests in an SQLite file, with the run in which they came.
///
/// A request is in the file within a fifth of a second. A killed process loses no more than that; the rest is there when the next one opens the
/// file. What the file holds of each signal is bounded like the memory for it, the oldest requests first.
package final class RunArchive: Sendable {
    /// A request on its way into the file, or out of it.
    private struct Request {
        let signal: Int64
        let arrival: UInt64
        let bytes: [UInt8]
    }

    /// What a document comes from.
    private struct Source {
        let name: String
        let interval: Duration
        var due: Deadline
        /// Returns the document if it has changed since it was last asked.
        let changed: @Sendable () -> [UInt8]?
    }

    private struct State {
        var waiting: [Request] = []
        var waitingBytes = 0
        var sources: [Source] = []
        var isEnding = false
        var counts = Counts()
    }

    /// What became of requests.
    package struct Counts: Sendable, Equatable {
        package var stored = 0
        /// Requests that came faster than the file takes them.
        package var dropped = 0
        package var lastFailure: String?
    }

    /// Runs that are kept beside the present one.
    private static let maximumRuns = 10
    /// Bytes that may wait for the file.
    private static let maximumWaitingBytes = 32 << 20
    /// Bytes of a document.
    private static let maximumDocumentBytes = 8 << 20
    private static let pause = Duration.milliseconds(200)
    /// The number of scraped pages in the file, beside those of the signals.
    private static let scrapes: Int64 = 3

    package let run: SignalStores.Run
    private let path: String
    private let maximumBytes: [Int]
    private let state = Mutex(State())
    private let end = Semaphore()

    /// Opens or creates a file, and begins a run in it.
    ///
    /// - Parameter limits: the bytes that the file may hold of each signal; scraped pages may have as many as metrics that were sent.
    package init(path: String, limits: ConsoleLimits) throws(StartFailure) {
        self.path = path
        maximumBytes = [limits.traceBytes, limits.metricBytes, limits.logBytes, limits.metricBytes]
        let start = Timestamp.now
        do throws(SQLiteFile.Failure) {
            let file = try SQLiteFile(path)
            try Self.prepare(file)
            try file.run(
                "INSERT INTO runs (name, start, finish) VALUES (?, ?, NULL)",
                [.text(SignalStores.identifier(start)), .integer(Int64(clamping: start.nanosecondsSinceEpoch))])
            var number: Int64 = 0
            try file.run("SELECT max(id) FROM runs") { row in
                number = row.integer(0)
                return true
            }
            run = SignalStores.Run(number: Int(number), id: SignalStores.identifier(start), start: start, end: nil)
        } catch {
            throw StartFailure(.configuration, "STORE: \(error)")
        }
    }

    private static func prepare(_ file: SQLiteFile) throws(SQLiteFile.Failure) {
        // Readers and the writer do not wait for each other, and a killed process leaves a file that is whole.
        try file.run("PRAGMA journal_mode = WAL")
        try file.run("PRAGMA synchronous = NORMAL")
        try file.run(
            "CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, start INTEGER NOT NULL, finish INTEGER)"
        )
        try file.run(
            "CREATE TABLE IF NOT EXISTS requests (id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, signal INTEGER NOT NULL, "
                + "arrival INTEGER NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL)")
        try file.run("CREATE TABLE IF NOT EXISTS documents (name TEXT PRIMARY KEY, body BLOB NOT NULL)")
        try file.run("CREATE INDEX IF NOT EXISTS requests_of_signal ON requests (signal, id, size)")
        // A run that was killed has ended with the last request that it received.
        try file.run(
            "UPDATE runs SET finish = coalesce((SELECT max(arrival) FROM requests WHERE run = runs.id), start) WHERE finish IS NULL")
        try file.run("DELETE FROM runs WHERE id NOT IN (SELECT id FROM runs ORDER BY id DESC LIMIT \(maximumRuns))")
        try file.run("DELETE FROM requests WHERE run NOT IN (SELECT id FROM runs)")
    }

    /// Hands the requests of earlier runs to the stores, in the order in which they came, and begins to keep new ones.
    package func restore(to stores: SignalStores) throws(StartFailure) {
        var scrapes = ScrapeRestoration()
        do throws(SQLiteFile.Failure) {
            let file = try SQLiteFile(path)
            try file.run("SELECT id, name, start, finish FROM runs WHERE id < ? ORDER BY id", [.integer(Int64(run.number))]) { row in
                stores.addRun(
                    SignalStores.Run(
                        number: Int(row.integer(0)), id: row.text(1),
                        start: Timestamp(nanosecondsSinceEpoch: UInt64(clamping: row.integer(2))),
                        end: Timestamp(nanosecondsSinceEpoch: UInt64(clamping: row.integer(3)))))
                return true
            }
            try file.run("SELECT run, signal, arrival, body FROM requests WHERE run < ? ORDER BY id", [.integer(Int64(run.number))]) {
                row in
                if row.integer(1) == Self.scrapes {
                    scrapes.restore(row.bytes(3), to: stores.metrics)
                } else {
                    stores.restore(
                        row.bytes(3), signal: row.integer(1), arrival: UInt64(clamping: row.integer(2)), run: Int(row.integer(0)))
                }
                return true
            }
        } catch {
            throw StartFailure(.configuration, "STORE: \(path) cannot be read: \(error)")
        }
        guard WorkerThread.start(named: "console-file", { self.work() }) else {
            throw StartFailure(.unavailable, "The system gives no more threads.")
        }
    }

    // MARK: Documents

    /// Asks for a document again and again, and at the end, and keeps it when there is one. One that is too long is left out.
    func store(document name: String, every interval: Duration, whenChanged changed: @escaping @Sendable () -> [UInt8]?) {
        state.withLock { $0.sources.append(Source(name: name, interval: interval, due: .after(interval), changed: changed)) }
    }

    /// Returns a document of the last run; nil if there is none.
    func document(_ name: String) -> [UInt8]? {
        var body: [UInt8]?
        guard let file = try? SQLiteFile(path) else { return nil }
        try? file.run("SELECT body FROM documents WHERE name = ?", [.text(name)]) { row in
            body = row.bytes(0)
            return true
        }
        return body
    }

    private static func write(_ documents: [String: [UInt8]], to file: SQLiteFile) throws(SQLiteFile.Failure) {
        for (name, bytes) in documents {
            try file.run(
                "INSERT INTO documents (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body",
                [.text(name), .bytes(bytes)])
        }
    }

    package var counts: Counts { state.withLock { $0.counts } }

    /// Takes a request; it never waits.
    package func store(_ bytes: [UInt8], _ signal: OTLPReceivedRequest.Signal) { store(bytes, number: signal.number) }

    /// Takes a scrape; it never waits.
    func store(_ scrape: ScrapeRecord) { store(scrape.bytes, number: Self.scrapes) }

    private func store(_ bytes: [UInt8], number: Int64) {
        guard !bytes.isEmpty else { return }
        let arrival = Timestamp.now.nanosecondsSinceEpoch
        state.withLock { state in
            guard state.waitingBytes + bytes.count <= Self.maximumWaitingBytes, !state.isEnding else { return state.counts.dropped += 1 }
            state.waiting.append(Request(signal: number, arrival: arrival, bytes: bytes))
            state.waitingBytes += bytes.count
        }
    }

    /// Writes what waits, and ends the run.
    package func stop(until deadline: Deadline) async {
        state.withLock { $0.isEnding = true }
        await withCheckedContinuation { continuation in
            let isStarted = WorkerThread.start(named: "console-end") {
                _ = self.end.wait(until: deadline)
                continuation.resume()
            }
            if !isStarted { continuation.resume() }
        }
    }

    private func work() {
        defer { end.post() }
        let file: SQLiteFile
        do throws(SQLiteFile.Failure) { file = try SQLiteFile(path) } catch {
            return state.withLock { $0.counts.lastFailure = "\(error)" }
        }
        var held = [Int](repeating: 0, count: maximumBytes.count)
        for signal in held.indices { held[signal] = (try? Self.size(of: Int64(signal), file)) ?? 0 }
        let timer = Semaphore()
        // Those that could not be written are tried again.
        var documents: [String: [UInt8]] = [:]
        while true {
            let isEnding = state.withLock { $0.isEnding }
            for (name, document) in changedDocuments(isEnding: isEnding) { documents[name] = document }
            let requests = state.withLock { state in
                defer {
                    state.waiting = []
                    state.waitingBytes = 0
                }
                return state.waiting
            }
            if !requests.isEmpty { write(requests, to: file, &held) }
            do throws(SQLiteFile.Failure) {
                try Self.write(documents, to: file)
                documents = [:]
            } catch {
                state.withLock { $0.counts.lastFailure = "\(error)" }
            }
            if isEnding {
                try? file.run(
                    "UPDATE runs SET finish = ? WHERE id = ?",
                    [.integer(Int64(clamping: Timestamp.now.nanosecondsSinceEpoch)), .integer(Int64(run.number))])
                return
            }
            _ = timer.wait(until: .after(Self.pause))
        }
    }

    /// Returns the documents that have changed, of the sources that are due; at the end all are.
    private func changedDocuments(isEnding: Bool) -> [String: [UInt8]] {
        let now = Deadline.after(.zero)
        let due = state.withLock { state in
            let due = state.sources.indices.filter { isEnding || state.sources[$0].due <= now }
            for place in due { state.sources[place].due = now.advanced(by: state.sources[place].interval) }
            return due.map { state.sources[$0] }
        }
        var documents: [String: [UInt8]] = [:]
        for source in due {
            guard let document = source.changed() else { continue }
            guard document.count <= Self.maximumDocumentBytes else {
                state.withLock { $0.counts.dropped += 1 }
                continue
            }
            documents[source.name] = document
        }
        return documents
    }

    private static func size(of signal: Int64, _ file: SQLiteFile) throws(SQLiteFile.Failure) -> Int {
        var size: Int64 = 0
        try file.run("SELECT coalesce(sum(size), 0) FROM requests WHERE signal = ?", [.integer(signal)]) { row in
            size = row.integer(0)
            return true
        }
        return Int(size)
    }

    private func write(_ requests: [Request], to file: SQLiteFile, _ held: inout [Int]) {
        do throws(SQLiteFile.Failure) {
            try file.run("BEGIN IMMEDIATE")
            for request in requests {
                try file.run(
                    "INSERT INTO requests (run, signal, arrival, size, body) VALUES (?, ?, ?, ?, ?)",
                    [
                        .integer(Int64(run.number)), .integer(request.signal), .integer(Int64(clamping: request.arrival)),
                        .integer(Int64(request.bytes.count)), .bytes(request.bytes),
                    ])
                held[Int(request.signal)] += request.bytes.count
            }
            for signal in held.indices { try makeRoom(Int64(signal), file, &held[signal]) }
            try file.run("COMMIT")
            state.withLock { state in
                state.counts.stored += requests.count
                state.counts.lastFailure = nil
            }
        } catch {
            try? file.run("ROLLBACK")
            for signal in held.indices { held[signal] = (try? Self.size(of: Int64(signal), file)) ?? 0 }
            state.withLock { state in
                state.counts.dropped += requests.count
                state.counts.lastFailure = "\(error)"
            }
        }
    }

    /// Removes the oldest requests of a signal until the rest is within its bound, and a little more, so that it is seldom done.
    private func makeRoom(_ signal: Int64, _ file: SQLiteFile, _ held: inout Int) throws(SQLiteFile.Failure) {
        let limit = maximumBytes[Int(signal)]
        guard held > limit else { return }
        var excess = held - limit / 8 * 7
        var last: Int64 = 0
        try file.run("SELECT id, size FROM requests WHERE signal = ? ORDER BY id", [.integer(signal)]) { row in
            last = row.integer(0)
            excess -= Int(row.integer(1))
            return excess > 0
        }
        try file.run("DELETE FROM requests WHERE signal = ? AND id <= ?", [.integer(signal), .integer(last)])
        held = try Self.size(of: signal, file)
    }
}

extension OTLPReceivedRequest.Signal {
    /// The number of the signal in the file.
    fileprivate var number: Int64 {
        switch self {
        case .traces: 0
        case .metrics: 1
        case .logs: 2
        }
    }
}

extension SignalStores {
    /// Takes a request that an earlier run has received; one that cannot be read any more is counted by its store.
    fileprivate func restore(_ bytes: [UInt8], signal: Int64, arrival: UInt64, run: Int) {
        switch signal {
        case 0: _ = try? spans.restore(ReceivedBody(bytes, arrival: arrival), run: run)
        case 2: _ = try? logs.restore(ReceivedBody(bytes, arrival: arrival), run: run)
        default:
            guard let request = try? OTLPReceivedRequest(bytes, .metrics, .protobuf, limits: .metrics, maximumBytes: .max) else { return }
            metrics.receive(request)
        }
    }
}
