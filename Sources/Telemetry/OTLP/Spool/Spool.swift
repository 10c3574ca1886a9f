// The storage of batches on disk.

/// Stores batches of one signal for one receiver on disk while it is unavailable, each in a file of its own.
///
/// Any thread may store; only one thread at a time may take batches. Files are accessed outside of the lock.
final class Spool: Sendable {
    /// The result of reading a batch.
    enum Reading {
        /// The bytes of the file, and the range of the request in them.
        case request(bytes: [UInt8], Range<Int>)
        /// The batch is damaged or missing; it has been counted, and the next one can be taken.
        case lost
        /// The host lacks a resource; reading may succeed later.
        case later(FileError)
    }

    private struct State {
        var index: SpoolIndex
        /// Released by setting it to nil.
        var directory: SpoolDirectory?
        /// Names of files that may not have been synchronized to the disk.
        var unsynchronized: [String] = []
        var isDirectoryChanged = false
        var synchronizationDue = Deadline.never
    }

    let path: String
    private let options: SpoolOptions
    private let clock: TelemetryClock
    private let files: FileDirectory
    private let state: Locked<State>
    /// Raised when a batch was stored.
    let wake = WakeSignal()
    /// The size above which a file was not written by a spool.
    private static let maximumFileBytes = 64 << 20 + SpoolFile.headerSize
    /// The number of damaged files that are kept for inspection.
    private static let damagedFilesKept = 16
    /// The number of unsynchronized files at which the interval is cut short.
    private static let unsynchronizedFilesKept = 4096

    /// Opens the directory, creates it if it is missing, and adds the batches of its last owner.
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

    /// True if no batch waits or is being written.
    var isEmpty: Bool { state.withLock { $0.index.isEmpty } }

    var now: Timestamp { clock.now }

    /// The sequence of the oldest batch; nil if none waits.
    var oldestSequence: UInt64? { state.withLock { $0.index.entries.first?.sequence } }

    /// The sequence of the newest batch that waits or has waited.
    var newestSequence: UInt64 { state.withLock { $0.index.newestSequence } }

    // MARK: Storing

    /// Stores a batch; returns false if that fails, which is reported and counted.
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
            markUnsynchronized(&state, entry.name)
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

    /// Removes the files of batches that the index has dropped and counted.
    private func discard(_ entries: [SpoolEntry], _ reason: DropReason, _ explanation: String) {
        guard !entries.isEmpty else { return }
        for entry in entries { remove(entry.name) }
        let items = entries.reduce(0) { $0 + $1.itemCount }
        Diagnostics.report(
            .warning, topic: "\(path).\(reason.rawValue)", "\(path) gives up \(quantity(items, "item")), the oldest: \(explanation).")
    }

    // MARK: Taking

    /// Returns the batch to send next; it stays until it is finished or put back.
    func takeOldest() -> SpoolEntry? { state.withLock { $0.index.takeOldest() } }

    /// Puts the taken batch back in its place.
    func putBack() { state.withLock { $0.index.putBack() } }

    /// Reads the taken batch; a damaged one is set aside.
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

    /// Removes a batch that has been delivered or rejected; it is never sent again.
    func finish(_ entry: SpoolEntry, _ fate: SpoolIndex.Fate) {
        // The file is removed first: if the process dies now, the next one must not send it.
        remove(entry.name)
        if options.synchronization == .everyBatch { try? files.synchronize() }
        state.withLock { state in
            state.index.finish(entry, fate)
            markUnsynchronized(&state, nil)
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
            if isKept { state.index.countDamagedFile() }
            markUnsynchronized(&state, nil)
        }
        let damaged = (try? files.entries { $0.hasSuffix(SpoolEntry.damagedSuffix) ? $0 : nil }) ?? []
        for name in damaged.sorted().dropLast(Self.damagedFilesKept) { remove(name) }
        Diagnostics.report(
            .error, topic: "\(path).damaged",
            "\(path)/\(entry.name) with \(quantity(entry.itemCount, "item")) cannot be sent: \(reason)"
                + (isKept ? "; it was renamed to end in \(SpoolEntry.damagedSuffix)." : ".")
        )
    }

    // MARK: Recovering

    /// Adds the batches in a directory.
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

    /// Takes over the batches of processes that have ended.
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
                markUnsynchronized(&state, nil)
                return state.index.evictExcess()
            }
            discard(evicted, .spoolFull, "the spool is full of \(options.maximumBytes) bytes")
            reportFound(adopted)
        }
    }

    private static func batches(in directory: FileDirectory) -> [SpoolEntry] {
        let found = try? directory.entries { name in
            // An empty file was delivered, but could not be removed.
            directory.size(of: name).flatMap { $0 > 0 ? SpoolEntry(name: name, byteCount: $0) : nil }
        }
        return found?.sorted { $0.sequence < $1.sequence } ?? []
    }

    private func reportFound(_ entries: [SpoolEntry]) {
        guard !entries.isEmpty else { return }
        let items = entries.reduce(0) { $0 + $1.itemCount }
        Diagnostics.report(.info, "\(path) holds \(quantity(items, "item")) that an earlier process could not deliver; sending now.")
    }

    // MARK: Maintenance

    /// Drops batches that exceed the maximum age, and synchronizes files if that is due.
    func maintain() {
        let now = clock.wallNanoseconds()
        let expired = state.withLock { $0.index.expire(now: now) }
        discard(expired, .spoolExpired, "they are older than \(options.maximumAge)")
        if synchronizationDue.hasPassed { synchronize() }
    }

    /// The time of the next synchronization.
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

    private func markUnsynchronized(_ state: inout State, _ name: String?) {
        guard case .interval(let interval) = options.synchronization else { return }
        if let name { state.unsynchronized.append(name) }
        state.isDirectoryChanged = true
        let isLimitReached = state.unsynchronized.count >= Self.unsynchronizedFilesKept
        if state.synchronizationDue == .never || isLimitReached { state.synchronizationDue = .after(isLimitReached ? .zero : interval) }
    }

    /// Closes the spool: waiting batches are left to the next process, and no more are stored.
    func close() {
        if case .interval = options.synchronization { synchronize() }
        state.withLock { $0.directory = nil }
    }
}
