// The order and the limits of a spool, decided without touching a file.

/// The batches that wait on disk, oldest first, within their limits of bytes and age.
struct SpoolIndex: Sendable {
    /// The outcome of a batch that left the spool.
    enum Fate {
        case delivered(rejected: Int)
        case rejected, expired, evicted, lost
    }

    private let maximumBytes: Int
    private let maximumAge: UInt64
    private(set) var counts = SpoolCounts()
    /// The entries from `head` on, sorted by sequence; those before `head` have been removed.
    private var storage: [SpoolEntry] = []
    private var head = 0
    private var diskBytes = 0
    /// The bytes of disk of batches that are being written, by sequence.
    private var reserved: [UInt64: Int] = [:]
    private var reservedBytes: Int { reserved.values.reduce(0, +) }
    private(set) var newestSequence: UInt64 = 0
    /// The batch that is being sent, which neither eviction nor expiry removes.
    private var busy: UInt64?

    init(maximumBytes: Int, maximumAge: Duration) {
        self.maximumBytes = maximumBytes
        self.maximumAge = UInt64(max(0, maximumAge.saturatedNanoseconds)) / 1_000_000
    }

    var entries: ArraySlice<SpoolEntry> { storage[head...] }

    /// True if no batch waits or is being written.
    var isEmpty: Bool { head == storage.count && reserved.isEmpty }

    // MARK: Storing

    /// Makes room for a new batch; returns nil if it does not fit into the limit.
    ///
    /// - Returns: the batch, which must be added once it is written, or else cancelled; and those that were evicted for it.
    mutating func reserve(byteCount: Int, itemCount: Int, now: UInt64) -> (entry: SpoolEntry, evicted: [SpoolEntry])? {
        let needed = SpoolEntry.diskBytes(byteCount)
        // The batch that is being sent and those that are being written are not evicted.
        let fixed = reservedBytes + (busy.flatMap(position).map { storage[$0].diskBytes } ?? 0)
        guard needed <= maximumBytes - fixed else { return nil }
        let evicted = evict(toLeave: maximumBytes - needed)
        // A sequence is a time, so that batches of several processes can be ordered, but always larger than the one before.
        newestSequence = max(newestSequence + 1, now)
        reserved[newestSequence] = needed
        return (SpoolEntry(sequence: newestSequence, created: now / 1_000_000, itemCount: itemCount, byteCount: byteCount), evicted)
    }

    /// Reserves a place for a batch of another directory, its own unless that is taken. The limit applies once the batch is added.
    mutating func reserve(_ entry: SpoolEntry) -> SpoolEntry {
        var entry = entry
        if reserved[entry.sequence] != nil || position(entry.sequence) != nil { entry.sequence = newestSequence + 1 }
        newestSequence = max(newestSequence, entry.sequence)
        reserved[entry.sequence] = 0
        return entry
    }

    /// Releases the place of a batch that could not be written.
    mutating func cancel(_ entry: SpoolEntry) { reserved[entry.sequence] = nil }

    /// Adds batches that are on disk now.
    mutating func add(_ entries: [SpoolEntry]) {
        for entry in entries { reserved[entry.sequence] = nil }
        let isInOrder = entries.count == 1 && (storage.last.map { head == storage.count || $0.sequence < entries[0].sequence } ?? true)
        storage += entries
        if !isInOrder { storage[head...].sort { $0.sequence < $1.sequence } }
        for entry in entries {
            newestSequence = max(newestSequence, entry.sequence)
            diskBytes += entry.diskBytes
            count(entry) {
                $0.stored &+= UInt64(entry.itemCount)
                $0.waiting &+= UInt64(entry.itemCount)
            }
        }
        updateWaiting()
    }

    /// Counts items that could not be stored.
    mutating func refuse(_ itemCount: Int) { counts.refused &+= UInt64(itemCount) }

    // MARK: Removing

    /// Returns the batch to send next; it stays until it is finished or put back.
    mutating func takeOldest() -> SpoolEntry? {
        let oldest = entries.first
        busy = oldest?.sequence
        return oldest
    }

    mutating func putBack() { busy = nil }

    mutating func finish(_ entry: SpoolEntry, _ fate: Fate) {
        busy = nil
        guard let position = position(entry.sequence) else { return }
        remove(at: position, fate)
    }

    mutating func countDamagedFile() { counts.damagedFiles &+= 1 }

    /// Drops the batches that exceed the maximum age. A clock that is set back expires none.
    mutating func expire(now: UInt64) -> [SpoolEntry] {
        let milliseconds = now / 1_000_000
        var expired: [SpoolEntry] = []
        while let oldest = entries.first, oldest.sequence != busy, milliseconds > oldest.created,
            milliseconds - oldest.created > maximumAge
        {
            expired.append(oldest)
            remove(at: head, .expired)
        }
        return expired
    }

    /// Drops the oldest batches until the limit of bytes is met.
    mutating func evictExcess() -> [SpoolEntry] { evict(toLeave: maximumBytes) }

    private mutating func evict(toLeave bytes: Int) -> [SpoolEntry] {
        var evicted: [SpoolEntry] = []
        while diskBytes + reservedBytes > bytes {
            guard let position = storage.indices[head...].first(where: { storage[$0].sequence != busy }) else { break }
            evicted.append(storage[position])
            remove(at: position, .evicted)
        }
        return evicted
    }

    private func position(_ sequence: UInt64) -> Int? {
        var (low, high) = (head, storage.count)
        while low < high {
            let middle = (low + high) / 2
            if storage[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low < storage.count && storage[low].sequence == sequence ? low : nil
    }

    private mutating func remove(at position: Int, _ fate: Fate) {
        let entry = storage[position]
        // The removed batch is near the front, so that few entries move.
        for index in stride(from: position, to: head, by: -1) { storage[index] = storage[index - 1] }
        head += 1
        if head == storage.count || (head > 1024 && head > storage.count / 2) {
            storage.removeFirst(head)
            head = 0
        }
        diskBytes -= entry.diskBytes
        let items = UInt64(entry.itemCount)
        count(entry) { tally in
            tally.waiting &-= items
            switch fate {
            case .delivered(let rejected):
                let rejected = min(items, UInt64(max(0, rejected)))
                tally.rejected &+= rejected
                tally.delivered &+= items - rejected
            case .rejected: tally.rejected &+= items
            case .expired: tally.expired &+= items
            case .evicted: tally.evicted &+= items
            case .lost: tally.lost &+= items
            }
        }
        updateWaiting()
    }

    private mutating func count(_ entry: SpoolEntry, _ change: (inout SpoolCounts.Tally) -> Void) {
        if entry.isRecovered { change(&counts.recovered) } else { change(&counts.own) }
    }

    private mutating func updateWaiting() {
        counts.waitingBatches = UInt64(entries.count)
        counts.waitingBytes = UInt64(diskBytes)
    }
}
