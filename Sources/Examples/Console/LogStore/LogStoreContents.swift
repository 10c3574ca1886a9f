// What the file of the log store has, as its writer tells its readers.

import Synchronization
import Telemetry

extension LogShard {
    /// What is known of a sealed shard without its columns.
    struct Summary: Sendable {
        let number: Int
        let began: UInt64
        let count: Int
        let bytes: Int
        let oldest: UInt64
        let newest: UInt64

        init(number: Int, began: UInt64, count: Int, bytes: Int, oldest: UInt64, newest: UInt64) {
            (self.number, self.began, self.count, self.bytes) = (number, began, count, bytes)
            (self.oldest, self.newest) = (oldest, newest)
        }

        init(_ shard: LogShard) {
            (number, began, count, bytes) = (shard.number, shard.began, shard.count, shard.byteCount)
            (oldest, newest) = (shard.oldest, shard.newest)
        }
    }
}

/// The shards of a log store. The writer changes them after each commit; readers take what there is.
final class LogStoreContents: Sendable {
    private struct State {
        var sealed: [LogShard.Summary] = []
        var open: LogShard?
        var bytes = 0
        /// Sealed shards that were read of late, the last one last.
        var loaded: [LogShard] = []
    }

    /// Sealed shards whose columns are kept in memory: 46 MiB at most.
    private static let maximumLoaded = 32

    private let state = Mutex(State())

    /// Takes note of what a commit has changed, all at once, so that no reader sees a shard twice.
    func commit(sealed: [LogShard.Summary], open: LogShard?) {
        state.withLock { state in
            state.sealed += sealed
            state.open = open
        }
    }

    func set(bytes: Int) { state.withLock { $0.bytes = bytes } }

    func remove(_ number: Int) {
        state.withLock { state in
            state.sealed.removeAll { $0.number == number }
            state.loaded.removeAll { $0.number == number }
        }
    }

    /// The sealed shards, the oldest first.
    var sealed: [LogShard.Summary] { state.withLock { $0.sealed } }

    /// The sealed shards and the open one.
    var shards: (sealed: [LogShard.Summary], open: LogShard?) { state.withLock { ($0.sealed, $0.open) } }

    var bytes: Int { state.withLock { $0.bytes } }

    /// The number of records.
    var count: Int { state.withLock { $0.sealed.reduce($0.open?.count ?? 0) { $0 + $1.count } } }

    /// The time of the oldest record; the latest of all times without one.
    var oldest: UInt64 { state.withLock { state in state.sealed.reduce(state.open?.oldest ?? .max) { min($0, $1.oldest) } } }

    /// Returns what the closure returns, or nil if it fails since its shard has been removed in the meantime.
    func unlessRemoved<Result>(
        _ number: Int, _ body: () throws(SQLiteFile.Failure) -> Result?
    ) throws(SQLiteFile.Failure) -> Result? {
        do throws(SQLiteFile.Failure) { return try body() } catch {
            let isKept = state.withLock { state in state.open?.number == number || state.sealed.contains { $0.number == number } }
            if isKept { throw error }
            return nil
        }
    }

    func loaded(_ number: Int) -> LogShard? {
        state.withLock { state in
            guard let place = state.loaded.firstIndex(where: { $0.number == number }) else { return nil }
            let shard = state.loaded.remove(at: place)
            state.loaded.append(shard)
            return shard
        }
    }

    func keep(loaded shard: LogShard) {
        state.withLock { state in
            guard state.sealed.contains(where: { $0.number == shard.number }) else { return }
            state.loaded.removeAll { $0.number == shard.number }
            state.loaded.append(shard)
            if state.loaded.count > Self.maximumLoaded { state.loaded.removeFirst() }
        }
    }
}
