// Coordinates locks with `fork`, so that a child finds every lock free.

import Synchronization
import TelemetryMachine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An object whose locks must be free at a fork, so that the state behind them is whole in the child.
protocol ForkParticipant: AnyObject {
    /// Acquires all of its locks, or none; returns false if one of them is not free.
    func tryHoldLocks() -> Bool
    /// Releases the locks.
    func releaseLocks()
    /// Called in the child while it has one thread, instead of ``releaseLocks()``: must leave the locks free.
    ///
    /// - Parameter isWhole: false if the locks could not be acquired, so that the state behind them may be half changed.
    func becomeChild(isWhole: Bool)
}

/// Keeps the state behind locks whole while the process forks.
///
/// A lock that another thread holds at a fork stays held in the child for ever, since that thread does not exist there. Therefore the
/// forking thread waits until no thread is in a section of a ``Locked``, keeps others from entering one, and acquires the locks of all
/// participants; then it forks. A section that outlasts the patience is blocked itself, and changes nothing meanwhile.
enum ForkGate {
    /// How long a fork may be delayed: a thread within a section may have been preempted.
    private static let patience = Duration.seconds(1)
    /// How long other threads are kept out at a time.
    private static let attempt = Duration.milliseconds(20)

    private static let sections = SectionCounts()
    private static let isClosed = Atomic(false)
    /// Guards the participants; held during the fork.
    private static let lock = BriefLock()
    // Touched only while the lock is held.
    @exclusivity(unchecked) nonisolated(unsafe) private static var participants: [ObjectIdentifier: Participant] = [:]

    private struct Participant {
        unowned(unsafe) let object: any ForkParticipant
        var isHeld = false
    }

    // MARK: Taking part

    /// Enters a section that no other thread may be in when the process forks; must be left soon.
    @inline(__always)
    static func enter() {
        let sections = sections
        let depth = sections.depth
        sections.depth = depth &+ 1
        if depth == 0 { enterOutermost(sections) }
    }

    /// Leaves a section that this thread has entered.
    @inline(__always)
    static func leave() {
        let sections = sections
        let depth = sections.depth
        assert(depth > 0, "A section that is left has been entered.")
        sections.depth = depth &- 1
        if depth == 1 { sections.add(-1) }
    }

    @inline(__always)
    private static func enterOutermost(_ sections: SectionCounts) {
        sections.add(1)
        if isClosed.load(ordering: .sequentiallyConsistent) { enterWhenOpen(sections) }
    }

    @inline(never)
    private static func enterWhenOpen(_ sections: SectionCounts) {
        repeat {
            sections.add(-1)
            while isClosed.load(ordering: .relaxed) { WorkerThread.letOthersRun() }
            sections.add(1)
        } while isClosed.load(ordering: .sequentiallyConsistent)
    }

    /// Registers an object, which must be removed before it is freed.
    static func add(_ participant: any ForkParticipant) {
        // Initializes the sections, which registers the fork handlers.
        _ = sections
        lock.acquire()
        participants[ObjectIdentifier(participant)] = Participant(object: participant)
        lock.release()
    }

    static func remove(_ participant: any ForkParticipant) {
        lock.acquire()
        participants[ObjectIdentifier(participant)] = nil
        lock.release()
    }

    // MARK: On the forking thread

    fileprivate static func prepare() {
        let isWithinSection = sections.depth > 0
        // Sections of this thread must not wait for the gate from here on.
        sections.depth += 1
        let deadline = Deadline.after(patience)
        while true {
            lock.acquire()
            isClosed.store(true, ordering: .sequentiallyConsistent)
            let end = Deadline.after(attempt)
            let isQuiescent = waitUntil(end) { sections.sum == (isWithinSection ? 1 : 0) } && holdAll(until: end)
            if isQuiescent || deadline.hasPassed { return }
            // A thread may hold one lock and wait for another: all are released, so that it proceeds.
            open(isChild: false)
            WorkerThread.letOthersRun()
        }
    }

    /// Acquires the locks of all participants; returns false if some do not become free in time.
    private static func holdAll(until end: Deadline) -> Bool {
        lock.assertHeld()
        for (identity, participant) in participants {
            guard waitUntil(end, participant.object.tryHoldLocks) else { return false }
            participants[identity]?.isHeld = true
        }
        return true
    }

    private static func waitUntil(_ end: Deadline, _ condition: () -> Bool) -> Bool {
        while !condition() {
            if end.hasPassed { return false }
            WorkerThread.letOthersRun()
        }
        return true
    }

    private static func open(isChild: Bool) {
        lock.assertHeld()
        for (identity, participant) in participants {
            if isChild {
                participant.object.becomeChild(isWhole: participant.isHeld)
            } else if participant.isHeld {
                participant.object.releaseLocks()
            }
            participants[identity]?.isHeld = false
        }
        isClosed.store(false, ordering: .sequentiallyConsistent)
        lock.release()
    }

    fileprivate static func resumeParent() {
        open(isChild: false)
        sections.depth -= 1
    }

    fileprivate static func resumeChild() {
        ProcessGeneration.advance()
        open(isChild: true)
        sections.depth -= 1
        sections.reset(to: sections.depth > 0 ? 1 : 0)
    }
}

/// Counts the sections that each thread is in, and the threads that are in any. Never freed.
///
/// `@unchecked`: the pointer is set once, to memory that is used atomically.
private struct SectionCounts: @unchecked Sendable {
    private struct Lane: ~Copyable {
        let count = Atomic(0)
        // Pads the lane to two cache lines, which the processor fetches together.
        private let padding = InlineArray<15, UInt64>(repeating: 0)
    }

    private let lanes: UnsafeMutablePointer<Lane>
    private let mask = ProcessorLane.count - 1
    private let processor = ProcessorLane()
    /// Where the depth of a thread lies from its thread pointer; 0 if it is kept under the key.
    private let depthOffset = telemetry_machine_depth_offset()
    private let key: pthread_key_t

    init() {
        assert(ProcessorLane.count & mask == 0, "The number of lanes is a power of two.")
        lanes = .allocate(capacity: ProcessorLane.count)
        for index in 0..<ProcessorLane.count { (lanes + index).initialize(to: Lane()) }
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        self.key = key
        _ = pthread_atfork({ ForkGate.prepare() }, { ForkGate.resumeParent() }, { ForkGate.resumeChild() })
    }

    /// How many sections the calling thread is in.
    var depth: Int {
        @inline(__always) get {
            depthOffset != 0 ? telemetry_machine_depth(depthOffset) : Int(bitPattern: pthread_getspecific(key))
        }
        @inline(__always) nonmutating set {
            if depthOffset != 0 {
                telemetry_machine_set_depth(depthOffset, newValue)
            } else {
                pthread_setspecific(key, UnsafeRawPointer(bitPattern: newValue))
            }
        }
    }

    /// Counts a thread in or out, in the lane of its processor.
    @inline(__always)
    func add(_ number: Int) {
        lanes[processor.current & mask].count.wrappingAdd(number, ordering: .sequentiallyConsistent)
    }

    /// The number of threads in sections. Each thread is counted in before it is counted out, so while the gate is closed the sum is
    /// never too low.
    var sum: Int { (0...mask).reduce(0) { $0 + lanes[$1].count.load(ordering: .sequentiallyConsistent) } }

    func reset(to sum: Int) {
        for index in 0...mask { lanes[index].count.store(index == 0 ? sum : 0, ordering: .relaxed) }
    }
}
