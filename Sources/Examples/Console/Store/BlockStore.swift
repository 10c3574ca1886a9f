// The bounded memory for one signal.

package import ExampleSupport
import Synchronization
import Telemetry

/// Blocks of items up to a number of bytes; the oldest block makes room, and its items are counted.
package final class BlockStore<Block: ItemBlock>: Sendable {
    /// Items of a block, beyond which another is begun.
    private static var blockItems: Int { 16_384 }

    private struct State {
        var sealed: [Block] = []
        var sealedBytes = 0
        var open: Block
        var statistics = SignalStatistics()
        var evicted = EvictedSpans()
    }

    let maximumBytes: Int
    /// Bytes of a block, beyond which another is begun: few enough that little is lost at a time.
    private let blockBytes: Int
    // A query waits for one request at most; its own work is done on what it takes out.
    private let state: Mutex<State>
    private let run: Int

    package init(maximumBytes: Int, run: Int) {
        self.maximumBytes = maximumBytes
        self.run = run
        blockBytes = min(4 << 20, maximumBytes / 16)
        state = Mutex(State(open: Block(run: run, firstNumber: 0)))
    }

    /// Takes the items of a request, all or none.
    package func receive(_ request: ReceivedBody) throws(OTLPRequestError) -> IndexedCount {
        try receive(request, run: run, isNew: true)
    }

    /// Takes the items of a request that an earlier run had received.
    package func restore(_ request: ReceivedBody, run: Int) throws(OTLPRequestError) -> IndexedCount {
        try receive(request, run: run, isNew: false)
    }

    private func receive(_ request: ReceivedBody, run: Int, isNew: Bool) throws(OTLPRequestError) -> IndexedCount {
        try state.withLock { state -> Result<IndexedCount, OTLPRequestError> in
            if state.open.run != run { seal(&state, run: run) }
            do throws(OTLPRequestError) {
                let count = try state.open.append(request)
                if isNew { state.statistics.received += count.accepted }
                if count.rejected > 0 { state.statistics.rejected["invalid identifiers", default: 0] += count.rejected }
                if state.open.count >= Self.blockItems || state.open.byteCount >= blockBytes { seal(&state, run: run) }
                makeRoom(&state)
                return .success(count)
            } catch {
                state.statistics.rejected["unreadable requests", default: 0] += 1
                return .failure(error)
            }
        }.get()
    }

    /// Counts what was refused before it came here.
    package func reject(_ reason: String, _ count: Int = 1) {
        state.withLock { $0.statistics.rejected[reason, default: 0] += count }
    }

    private func seal(_ state: inout State, run: Int) {
        if state.open.count > 0 {
            state.sealedBytes += state.open.byteCount
            state.sealed.append(state.open)
        }
        state.open = Block(run: run, firstNumber: state.open.firstNumber + state.open.count)
    }

    private func makeRoom(_ state: inout State) {
        while state.sealedBytes + state.open.byteCount > maximumBytes, !state.sealed.isEmpty {
            let oldest = state.sealed.removeFirst()
            state.sealedBytes -= oldest.byteCount
            state.statistics.evicted += oldest.count
            state.evicted.add(oldest.evictableTraces)
        }
    }

    /// The blocks, oldest first. They do not change any more, whatever comes.
    package var blocks: [Block] {
        state.withLock { $0.open.count > 0 ? $0.sealed + [$0.open] : $0.sealed }
    }

    /// The traces whose items have made room for later ones, as far as it is known.
    var evicted: EvictedSpans { state.withLock { $0.evicted } }

    package var statistics: SignalStatistics {
        state.withLock { state in
            var statistics = state.statistics
            let blocks = state.sealed
            statistics.kept = blocks.reduce(state.open.count) { $0 + $1.count }
            statistics.keptBytes = state.sealedBytes + state.open.byteCount
            statistics.maximumBytes = maximumBytes
            let oldest = blocks.reduce(state.open.oldest) { min($0, $1.oldest) }
            statistics.oldest = oldest == .max ? nil : Timestamp(nanosecondsSinceEpoch: oldest)
            return statistics
        }
    }

    /// The number of items received; listeners compare it to detect a change.
    package var receivedCount: Int { state.withLock { $0.statistics.received } }
}
