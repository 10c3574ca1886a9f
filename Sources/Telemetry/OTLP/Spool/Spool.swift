// Keeps batches on disk while their receiver is away.

/// Keeps batches of one signal for one receiver on disk, each in a file of its own, oldest first.
///
/// Any thread may store; one thread at a time takes out. Files are touched outside of the lock.
final class Spool: Sendable {
    /// What reading a batch came to.
    enum Reading {
        /// The bytes of the file, and where the request lies in them.
        case request(bytes: [UInt8], Range<Int>)
        /// There is nothing to send: it is counted, and the next one's turn.
        case lost
        /// The host is short of something; later it may work.
        case later(FileError)
    }

    private struct State {
        var index: SpoolIndex
        /// Released by setting it to nil.
        var directory: SpoolDirectory?
        /// Names of files that are not known to be on the disk itself.
        var unsynchronized: [String] = []
        var isDirectoryChanged = false
        var synchronizationDue = Deadline.never
    }

    let path: String
    private let options: SpoolOptions
    private let clock: TelemetryClock
    private let files: FileDirectory
    private let state: Locked<State>
    /// Raised when something was stored.
    let wake = WakeSignal()
    /// Files of requests that are larger are none of ours.
    private static let maximumFileBytes = 64 << 20 + SpoolFile.headerSize
    /// Damaged files that are kept for people to look at.
    private static let damagedFilesKept = 16
    /// With so many names remembered, the interval is cut short.
    private static let unsynchronizedFilesKept = 4096

    /// Opens the directory, makes it where it is missing, and finds what the last owner has left.
    ///
    /// - Parameter name: from ``SpoolDirectory/name(signal:url:)``.
    init(_ options: SpoolOptions, name: String, clock: TelemetryClock = .system) throws(ConfigurationError) {
        let directory = try SpoolDirectory(options.directory, name: name)
        self.options = options
        self.clock = clock
        files = directory.files
        path = directory.path
        let index = SpoolIndex(maximumBytes: options.maximumBytes, maximumAge: options.maximumAge)
        state = Locked(State(index: index, directory: directory))
        recover(from: files)
    }

    var counts: SpoolCounts { state.withLock { $0.index.counts } }

    /// Whether nothing waits and nothing is about to.
    var isEmpty: Bool { state.withLock { $0.index.isEmpty } }

    var now: Timestamp { clock.now }

    /// The place of the oldest batch; nil when none waits.
    var oldestSequence: UInt64? { state.withLock { $0.index.entries.first?.sequence } }

    /// The place of the newest batch, or of the last one that there was.
    var newestSequence: UInt64 { state.withLock { $0.index.newestSequence } }

    // MARK: Storing

    /// Keeps a batch; false when that is not possible, which is reported and counted.
    func store(_ pieces: [UnsafeRawBufferPointer], itemCount: Int) -> Bool {
        let now = clock.wallNanoseconds()
        let size = SpoolFile.headerSize + pieces.reduce(0) { $0 + $1.count }
        let reservation = state.withLock { state in
            state.directory == nil || size > Self.maximumFileBytes
                ? nil : state.index.reserve(byteCount: size, itemCount: itemCount, now: now)
        }
        guard let (entry, evicted) = reservation else {
            return refuse(itemCount, "a batch of \(size) bytes is more than the spool may hold")
        }
        discard(evicted, .spoolFull, "the spool is full of \(options.maximumBytes) bytes")
        let header = SpoolFile.header(created: entry.created, itemCount: itemCount, pieces: pieces)
        let error = header.withUnsafeBytes { header -> FileError? in
            do throws(FileError) {
                try files.write(entry.name, [header] + pieces, isDurable: options.synchronization == .everyBatch)
                return nil
            } catch {
                return error
            }
        }
        if let error {
            state.withLock { $0.index.cancel(entry) }
            return refuse(itemCount, error.description)
        }
        state.withLock { state in
            state.index.add([entry])
            noteChange(&state, entry.name)
        }
        wake.raise()
        return true
    }

    private func refuse(_ itemCount: Int, _ reason: String) -> Bool {
        state.withLock { $0.index.refuse(itemCount) }
        Diagnostics.report(
            .error, topic: "\(path).store", "Nothing can be kept in the spool \(path): \(reason). Batches are sent without it, or dropped.")
        return false
    }

    /// Removes the files of batches that are counted already.
    private func discard(_ entries: [SpoolEntry], _ reason: DropReason, _ explanation: String) {
        guard !entries.isEmpty else { return }
        for entry in entries { remove(entry.name) }
        let items = entries.reduce(0) { $0 + $1.itemCount }
        Diagnostics.report(
            .warning, topic: "\(path).\(reason.rawValue)", "\(path) gives up \(quantity(items, "item")), the oldest: \(explanation).")
    }

    // MARK: Taking out

    /// The batch to send next; it stays until it is finished or put back.
    func takeOldest() -> SpoolEntry? { state.withLock { $0.index.takeOldest() } }

    /// Leaves the batch that was taken where it is.
    func putBack() { state.withLock { $0.index.putBack() } }

    /// Reads a batch that was taken; one that is damaged is set aside.
    func read(_ entry: SpoolEntry) -> Reading {
        do throws(FileError) {
            let bytes = try files.read(entry.name, atMost: Self.maximumFileBytes)
            if let range = SpoolFile.request(in: bytes, of: entry) { return .request(bytes: bytes, range) }
            setAside(entry, "its bytes are not those that were written")
        } catch {
            if error.isPassing { return .later(error) }
            setAside(entry, "\(error)")
        }
        return .lost
    }

    /// Removes a batch that has been delivered, or refused for good. It is not sent again after this.
    func finish(_ entry: SpoolEntry, _ fate: SpoolIndex.Fate) {
        // The file first: a process that dies right now must not leave it to the next one.
        remove(entry.name)
        if options.synchronization == .everyBatch { try? files.synchronize() }
        state.withLock { state in
            state.index.finish(entry, fate)
            noteChange(&state, nil)
        }
    }

    private func remove(_ name: String) {
        do throws(FileError) {
            try files.remove(name)
        } catch {
            Diagnostics.report(
                .error, topic: "\(path).remove", "\(path)/\(name) cannot be removed (\(error)): the next process will send it again.")
        }
    }

    private func setAside(_ entry: SpoolEntry, _ reason: String) {
        var isKept = true
        do throws(FileError) {
            try files.rename(entry.name, to: entry.name + SpoolEntry.damagedSuffix)
        } catch {
            isKept = false
            remove(entry.name)
        }
        state.withLock { state in
            state.index.finish(entry, .lost)
            if isKept { state.index.noteDamage() }
            noteChange(&state, nil)
        }
        let damaged = (try? files.entries { $0.hasSuffix(SpoolEntry.damagedSuffix) ? $0 : nil }) ?? []
        for name in damaged.sorted().dropLast(Self.damagedFilesKept) { remove(name) }
        Diagnostics.report(
            .error, topic: "\(path).damaged",
            "\(path)/\(entry.name) with \(quantity(entry.itemCount, "item")) cannot be sent: \(reason)"
                + (isKept ? "; it was renamed to end in \(SpoolEntry.damagedSuffix)." : ".")
        )
    }

    // MARK: What others left

    /// Takes in what is in the directory.
    private func recover(from directory: FileDirectory) {
        for name in (try? directory.entries({ $0.hasSuffix(FileDirectory.partialSuffix) ? $0 : nil })) ?? [] { remove(name) }
        let found = Self.batches(in: directory)
        let now = clock.wallNanoseconds()
        let discarded = state.withLock { state in
            state.index.add(found)
            return (expired: state.index.expire(now: now), evicted: state.index.evictExcess())
        }
        discard(discarded.expired, .spoolExpired, "they are older than \(options.maximumAge)")
        discard(discarded.evicted, .spoolFull, "the spool is full of \(options.maximumBytes) bytes")
        reportFound(found)
    }

    /// Takes over what processes have left that are gone.
    func adoptAbandoned() {
        guard let directory = state.withLock({ $0.directory }) else { return }
        try? directory.forEachAbandoned { other in
            let found = Self.batches(in: other)
            guard !found.isEmpty else { return }
            var adopted: [SpoolEntry] = []
            for entry in found {
                let own = state.withLock { $0.index.reserve(entry) }
                do throws(FileError) {
                    try other.rename(entry.name, to: own.name, in: files)
                    adopted.append(own)
                } catch {
                    state.withLock { $0.index.cancel(own) }
                }
            }
            if options.synchronization == .everyBatch { try? files.synchronize() }
            let evicted = state.withLock { state in
                state.index.add(adopted)
                noteChange(&state, nil)
                return state.index.evictExcess()
            }
            discard(evicted, .spoolFull, "the spool is full of \(options.maximumBytes) bytes")
            reportFound(adopted)
        }
    }

    private static func batches(in directory: FileDirectory) -> [SpoolEntry] {
        let found = try? directory.entries { name in
            // What was emptied because it could not be removed is done with.
            directory.size(of: name).flatMap { $0 > 0 ? SpoolEntry(name: name, byteCount: $0) : nil }
        }
        return found?.sorted { $0.sequence < $1.sequence } ?? []
    }

    private func reportFound(_ entries: [SpoolEntry]) {
        guard !entries.isEmpty else { return }
        let items = entries.reduce(0) { $0 + $1.itemCount }
        Diagnostics.report(.info, "\(path) holds \(quantity(items, "item")) that an earlier process could not deliver; sending now.")
    }

    // MARK: Upkeep

    /// Drops what is too old, and brings to the disk itself what is due.
    func maintain() {
        let now = clock.wallNanoseconds()
        let expired = state.withLock { $0.index.expire(now: now) }
        discard(expired, .spoolExpired, "they are older than \(options.maximumAge)")
        if synchronizationDue.hasPassed { synchronize() }
    }

    /// When the files have to be brought to the disk itself next.
    var synchronizationDue: Deadline { state.withLock { $0.synchronizationDue } }

    private func synchronize() {
        let (names, isDirectoryChanged) = state.withLock { state in
            let due = (state.unsynchronized, state.isDirectoryChanged)
            state.unsynchronized = []
            state.isDirectoryChanged = false
            state.synchronizationDue = .never
            return due
        }
        do throws(FileError) {
            for name in names { try files.synchronize(name) }
            if isDirectoryChanged { try files.synchronize() }
        } catch {
            Diagnostics.report(
                .warning, topic: "\(path).synchronize", "What is in \(path) may not outlive a loss of power: \(error).")
        }
    }

    private func noteChange(_ state: inout State, _ name: String?) {
        guard case .interval(let interval) = options.synchronization else { return }
        if let name { state.unsynchronized.append(name) }
        state.isDirectoryChanged = true
        let isMuch = state.unsynchronized.count >= Self.unsynchronizedFilesKept
        if state.synchronizationDue == .never || isMuch { state.synchronizationDue = .after(isMuch ? .zero : interval) }
    }

    /// Leaves what waits to the next process; nothing can be stored any more.
    func close() {
        if case .interval = options.synchronization { synchronize() }
        state.withLock { $0.directory = nil }
    }
}
