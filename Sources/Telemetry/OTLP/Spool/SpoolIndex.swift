// Which batches wait on disk, in what order, and which must go: decided without touching a file.

/// The batches that wait on disk, oldest first, within their bounds of bytes and age.
struct SpoolIndex: Sendable {
    /// Why a batch waits no more.
    enum Fate {
        case delivered(rejected: Int)
        case rejected, expired, evicted, lost
    }

    private let maximumBytes: Int
    private let maximumAge: UInt64
    private(set) var counts = SpoolCounts()
    /// Sorted by sequence from `head` on; what stands before is gone.
    private var storage: [SpoolEntry] = []
    private var head = 0
    private var diskBytes = 0
    /// The places of batches that are being written, and the bytes of disk that they will take.
    private var reserved: [UInt64: Int] = [:]
    private var reservedBytes: Int { reserved.values.reduce(0, +) }
    private(set) var newestSequence: UInt64 = 0
    /// The batch that is being sent: it is neither evicted nor expired.
    private var busy: UInt64?

    init(maximumBytes: Int, maximumAge: Duration) {
        self.maximumBytes = maximumBytes
        self.maximumAge = UInt64(max(0, maximumAge.saturatedNanoseconds)) / 1_000_000
    }

    var entries: ArraySlice<SpoolEntry> { storage[head...] }

    /// Whether nothing waits and nothing is about to.
    var isEmpty: Bool { head == storage.count && reserved.isEmpty }

    // MARK: Coming in

    /// Makes room for a new batch; nil when it is larger than all that may wait.
    ///
    /// - Returns: the batch, to be committed once it is written, or else cancelled; and those that had to go for it.
    mutating func reserve(byteCount: Int, itemCount: Int, now: UInt64) -> (entry: SpoolEntry, evicted: [SpoolEntry])? {
        let needed = SpoolEntry.diskBytes(byteCount)
        // The one that is being sent and those that are being written stay.
        let fixed = reservedBytes + (busy.flatMap(position).map { storage[$0].diskBytes } ?? 0)
        guard needed <= maximumBytes - fixed else { return nil }
        let evicted = evict(toLeave: maximumBytes - needed)
        // The time, so that the batches of several processes can be put in order; never the same or less, so that one's own are.
        newestSequence = max(newestSequence + 1, now)
        reserved[newestSequence] = needed
        return (SpoolEntry(sequence: newestSequence, created: now / 1_000_000, itemCount: itemCount, byteCount: byteCount), evicted)
    }

    /// Gives a batch of another directory a place among those here, its own unless that is taken; what is too much once all
    /// are there goes then.
    mutating func reserve(_ entry: SpoolEntry) -> SpoolEntry {
        var entry = entry
        if reserved[entry.sequence] != nil || position(entry.sequence) != nil { entry.sequence = newestSequence + 1 }
        newestSequence = max(newestSequence, entry.sequence)
        reserved[entry.sequence] = 0
        return entry
    }

    /// Gives back the place of a batch that could not be written.
    mutating func cancel(_ entry: SpoolEntry) { reserved[entry.sequence] = nil }

    /// Takes in batches that are on disk now.
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
        noteWaiting()
    }

    /// Counts items that were not taken in.
    mutating func refuse(_ itemCount: Int) { counts.refused &+= UInt64(itemCount) }

    // MARK: Going out

    /// The batch to send next; it stays until it is finished or put back.
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

    mutating func noteDamage() { counts.damagedFiles &+= 1 }

    /// Drops what has waited for too long. A clock that was set back makes no batch old.
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

    /// Drops the oldest of what is more than may wait.
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
        // What goes is near the front: the few before it move up.
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
        noteWaiting()
    }

    private mutating func count(_ entry: SpoolEntry, _ change: (inout SpoolCounts.Tally) -> Void) {
        if entry.isRecovered { change(&counts.recovered) } else { change(&counts.own) }
    }

    private mutating func noteWaiting() {
        counts.waitingBatches = UInt64(entries.count)
        counts.waitingBytes = UInt64(diskBytes)
    }
}
