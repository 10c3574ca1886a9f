// Hot: the queue between the threads that record and the worker that exports, one lane a processor.

import Synchronization

/// Holds encoded items until the export worker fetches them; drops and counts past its bound.
///
/// `@unchecked`: the lanes are memory that is made in `init` and freed in `deinit`; each is used under its own lock.
final class BatchQueue: @unchecked Sendable {
    /// The result of appending an item.
    enum Admission { case accepted, full, closed }

    private let lanes: Lanes
    private let capacity: Int
    private let batchSize: Int
    /// Slots that a lane takes from the common stock at a time; 1 for small queues, so that their bound is exact.
    private let block: Int
    let pool: ChunkPool
    private let wake: WakeSignal
    /// Slots that no lane has taken. Alone on its cache lines, since every processor writes it now and then.
    private let stock: Padded

    init(capacity: Int, batchSize: Int, laneCount: Int = ProcessorLane.count, pool: ChunkPool = ChunkPool(), wake: WakeSignal) {
        self.capacity = capacity
        self.batchSize = batchSize
        self.pool = pool
        self.wake = wake
        block = max(1, min(16, batchSize / (8 * laneCount)))
        lanes = Lanes(count: laneCount)
        stock = Padded(capacity)
        ForkGate.add(self)
    }

    deinit {
        ForkGate.remove(self)
        lanes.deallocate()
    }

    /// Appends one item; `write` must write exactly `size` bytes. `lane` is any number, best the processor's.
    @inline(__always)
    func append(_ scope: ScopeReference, lane number: Int, size: Int, write: (inout WireCursor) -> Void) -> Admission {
        let (admission, isBlockUsedUp) = lanes.withState(of: number) { state -> (Admission, Bool) in
            if state.slots == 0 {
                guard reserve(&state) else { return (state.isClosed ? .closed : .full, true) }
            }
            assert(state.slots > 0 && !state.isClosed, "An item takes a slot that its open lane has reserved.")
            state.slots &-= 1
            if !state.canAppend(scope, size) { state.open(scope, size, pool) }
            var cursor = state.addItem(ofSize: size)
            let start = cursor.pointer
            write(&cursor)
            assert(cursor.pointer == start + size, "An item is written as long as it was sized.")
            state.acceptedCount &+= 1
            return (.accepted, state.slots == 0)
        }
        // Checked once a block, since the common stock changes only then.
        if isBlockUsedUp && capacity &- stock.value.load(ordering: .relaxed) >= batchSize { wake.raise() }
        return admission
    }

    /// Reserves a block of slots for a lane, whose lock must be held. Returns false if the queue is full or closed.
    @inline(never)
    private func reserve(_ state: inout LaneState) -> Bool {
        guard !state.isClosed else { return false }
        var available = stock.value.load(ordering: .relaxed)
        while available > 0 {
            let wanted = min(block, available)
            let (exchanged, original) = stock.value.compareExchange(
                expected: available, desired: available - wanted, ordering: .relaxed)
            if exchanged {
                assert(wanted > 0 && state.slots == 0, "A lane reserves a block when it has used up the last one.")
                state.slots = wanted
                return true
            }
            available = original
        }
        return false
    }

    /// Gives a slot that another lane has reserved but not used back to the stock; returns false if there is none.
    ///
    /// This is the last resort before an item is dropped.
    func takeIdleSlot() -> Bool {
        for index in 0..<lanes.count {
            let isTaken = lanes.withState(of: index) { state in
                guard state.slots > 0 else { return false }
                state.slots -= 1
                return true
            }
            if isTaken {
                stock.value.wrappingAdd(1, ordering: .relaxed)
                return true
            }
        }
        return false
    }

    /// Counts an item that was not accepted. Returns how many the full lane has dropped, or 0 if the queue is closed.
    func countDropped(lane: Int) -> UInt64 {
        lanes.withState(of: lane) { state in
            if state.isClosed {
                state.refusedCount &+= 1
                return 0
            }
            state.droppedCount &+= 1
            return state.droppedCount
        }
    }

    /// Removes and returns the items of all lanes. Their slots stay reserved until ``release(_:)``.
    func drain() -> [Chunk] {
        var chunks: [Chunk] = []
        for index in 0..<lanes.count { lanes.withState(of: index) { $0.moveChunks(to: &chunks) } }
        return chunks
    }

    /// Gives the slots of items that have left the queue back to the stock.
    func release(_ count: Int) {
        let available = stock.value.wrappingAdd(count, ordering: .relaxed).newValue
        assert(count >= 0 && available <= capacity, "No more slots are given back than were reserved.")
    }

    /// Refuses items from now on; those accepted before stay for ``drain()``.
    func close() {
        for index in 0..<lanes.count {
            lanes.withState(of: index) { state in
                state.isClosed = true
                state.slots = 0
            }
        }
    }

    /// Items accepted, dropped because the queue was full, and dropped because it was closed, since it was made.
    var counts: (accepted: UInt64, full: UInt64, closed: UInt64) {
        var counts: (accepted: UInt64, full: UInt64, closed: UInt64) = (0, 0, 0)
        for index in 0..<lanes.count {
            lanes.withState(of: index) { state in
                counts.accepted &+= state.acceptedCount
                counts.full &+= state.droppedCount
                counts.closed &+= state.refusedCount
            }
        }
        return counts
    }
}

extension BatchQueue: ForkParticipant {
    func tryHoldLocks() -> Bool { lanes.tryHoldLocks() }

    func releaseLocks() { lanes.releaseLocks() }

    /// Closes and empties the queue in the child, which has no worker: the worker belongs to the parent. Its counts start at zero.
    func becomeChild(isWhole: Bool) { lanes.becomeClosed() }
}

/// The parts of a queue, one a processor and each on cache lines of its own.
///
/// A lane is a lock and the state that it guards, side by side in raw memory: as fields of one structure, touching either would count
/// as an access to both, and nothing but the lock may be accessed before it is taken.
private struct Lanes {
    private static let stride = 128
    private static let stateOffset = 16

    private let memory: UnsafeMutableRawPointer
    let count: Int

    init(count: Int) {
        assert(count > 0 && count & (count - 1) == 0, "The number of lanes is a power of two.")
        assert(MemoryLayout<BriefLock>.size <= Self.stateOffset, "The lock of a lane ends before its state.")
        assert(MemoryLayout<LaneState>.size <= Self.stride - Self.stateOffset, "A lane keeps to its cache lines.")
        self.count = count
        memory = .allocate(byteCount: count * Self.stride, alignment: Self.stride)
        for index in 0..<count {
            lock(index).initialize(to: BriefLock())
            state(index).initialize(to: LaneState())
        }
    }

    func deallocate() {
        for index in 0..<count {
            lock(index).deinitialize(count: 1)
            state(index).deinitialize(count: 1)
        }
        memory.deallocate()
    }

    func tryHoldLocks() -> Bool {
        for index in 0..<count where !lock(index).pointee.tryAcquire() {
            for held in 0..<index { lock(held).pointee.release() }
            return false
        }
        return true
    }

    func releaseLocks() {
        for index in 0..<count { lock(index).pointee.release() }
    }

    /// Makes the lanes closed and empty, whatever is in them: items are left where they are, since freeing them would copy the
    /// memory that the child shares with its parent.
    func becomeClosed() {
        for index in 0..<count {
            state(index).initialize(to: LaneState(isClosed: true))
            lock(index).pointee.reset()
        }
    }

    /// Calls the closure with a lane's state while its lock is held. Any number stands for a lane.
    @inline(__always)
    func withState<Result>(of number: Int, _ body: (inout LaneState) -> Result) -> Result {
        let index = number & (count &- 1)
        assert(index >= 0 && index < count, "Any number stands for a lane.")
        let lock = lock(index)
        lock.pointee.acquire()
        defer { lock.pointee.release() }
        return body(&state(index).pointee)
    }

    @inline(__always)
    private func lock(_ index: Int) -> UnsafeMutablePointer<BriefLock> {
        (memory + index &* Self.stride).assumingMemoryBound(to: BriefLock.self)
    }

    @inline(__always)
    private func state(_ index: Int) -> UnsafeMutablePointer<LaneState> {
        (memory + (index &* Self.stride &+ Self.stateOffset)).assumingMemoryBound(to: LaneState.self)
    }
}

private struct LaneState: ~Copyable {
    /// The chunk of the last item; stored apart, so that appending reads no array.
    private var current: Chunk?
    /// The other chunks: at most one partly filled for each scope, and the full ones.
    private var others: [Chunk] = []
    /// Slots of the queue that this lane may fill without asking.
    var slots = 0
    var isClosed: Bool
    var acceptedCount: UInt64 = 0
    var droppedCount: UInt64 = 0
    /// Items that came after the queue was closed.
    var refusedCount: UInt64 = 0

    init(isClosed: Bool = false) {
        self.isClosed = isClosed
    }

    @inline(__always)
    func canAppend(_ scope: ScopeReference, _ size: Int) -> Bool {
        guard let current else { return false }
        return current.scope == scope && current.hasRoom(for: size)
    }

    /// Reserves the bytes of the next item in the current chunk, which must have room.
    @inline(__always)
    mutating func addItem(ofSize size: Int) -> WireCursor {
        current!.addItem(ofSize: size)
    }

    /// Makes a chunk with room for the item current: the latest of its scope, or a new one.
    @inline(never)
    mutating func open(_ scope: ScopeReference, _ size: Int, _ pool: ChunkPool) {
        if let current { others.append(current) }
        if let latest = others.lastIndex(where: { $0.scope == scope }), others[latest].hasRoom(for: size) {
            current = others.remove(at: latest)
        } else {
            current = Chunk(scope: scope, buffer: pool.take(atLeast: size))
        }
    }

    mutating func moveChunks(to target: inout [Chunk]) {
        target += others
        // The storage stays, so that the next item need not allocate under the lock.
        others.removeAll(keepingCapacity: true)
        if let last = current.take() { target.append(last) }
    }
}

/// An atomic number that shares its cache lines with nothing.
private final class Padded: Sendable {
    private let before: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
    let value: Atomic<Int>
    private let after: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)

    init(_ value: Int) {
        self.value = Atomic(value)
    }
}
