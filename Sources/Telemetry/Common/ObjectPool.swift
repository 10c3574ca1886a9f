// Hot: keeps objects for reuse, so that recording allocates nothing.

import Synchronization

/// Keeps a few objects for each processor that are likely to be needed again soon.
///
/// An object is given back while others may still refer to it, and is handed out only if nothing else does: so whoever kept a reference
/// keeps an object that does not change, and the pool forgets it. That costs the counting of one reference, and where the kernel does not
/// restart interrupted sequences two atomic operations (see ``ProcessorStacks``); to allocate and free a span takes 180 instructions and
/// 10 nanoseconds more (AMD EPYC 9004).
///
/// Under the thread sanitizer a pool keeps nothing: it does not see the counting of references, which orders what one thread did with an
/// object before what the next one does.
///
/// `@unchecked`: the pointer is constant, only atomics lie behind it, and an object belongs to the thread that has taken it out.
struct ObjectPool<Object: AnyObject & Sendable>: @unchecked Sendable {
    /// The objects kept for a processor at most.
    static var maximumCount: Int { ProcessorStacks.capacity }

    /// Nil where each lane has atomic slots.
    private let stacks: ProcessorStacks?
    /// Slots for processors without a stack.
    private let slots: UnsafeMutablePointer<Atomic<Unmanaged<Object>?>>
    private let slotCount: Int
    private let laneMask = ProcessorLane.count - 1

    /// Makes an empty pool; never freed.
    ///
    /// - Parameter isRestartable: other than that of the process in tests.
    init(isOff: Bool = HiddenFunction.hasThreadSanitizer, isRestartable: Bool = ProcessorSums.areRestartable) {
        assert(ProcessorLane.count & laneMask == 0, "The number of lanes is a power of two.")
        stacks = isOff || !isRestartable ? nil : ProcessorStacks()
        slotCount = isOff ? 0 : Self.maximumCount
        let count = ProcessorLane.count * Self.slotStride
        slots = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Atomic<Unmanaged<Object>?>>.stride, alignment: 128)
            .bindMemory(to: Atomic<Unmanaged<Object>?>.self, capacity: count)
        for index in 0..<count { (slots + index).initialize(to: Atomic(nil)) }
    }

    /// The slots of two cache lines.
    private static var slotStride: Int { 16 }

    @inline(__always)
    private func lane(_ number: Int) -> UnsafeMutablePointer<Atomic<Unmanaged<Object>?>> {
        slots + (number & laneMask) &* Self.slotStride
    }

    /// Takes out an object to which nothing else refers; nil if none is at hand. `lane` is any number, best the processor's.
    @inline(__always)
    func take(lane number: Int) -> Object? {
        guard let stacks, stacks.hasStack(number) else { return takeFromSlots(number) }
        guard let taken = stacks.pop() else { return nil }
        return unshared(Unmanaged.fromOpaque(taken))
    }

    /// Returns an object that was kept; nil if something else refers to it.
    @inline(__always)
    private func unshared(_ taken: Unmanaged<Object>) -> Object? {
        var object = taken.takeRetainedValue()
        guard isKnownUniquelyReferenced(&object) else { return nil }
        // What other threads did with the object before they released it comes before what the caller does.
        atomicMemoryFence(ordering: .acquiring)
        return object
    }

    @inline(never)
    private func takeFromSlots(_ number: Int) -> Object? {
        let lane = lane(number)
        for index in 0..<slotCount {
            // A load first: an exchange would take the cache line even where there is nothing.
            guard lane[index].load(ordering: .relaxed) != nil, let taken = lane[index].exchange(nil, ordering: .acquiring) else { continue }
            return unshared(taken)
        }
        return nil
    }

    /// Keeps an object if there is room. It must not change any more while others refer to it.
    @inline(__always)
    func giveBack(_ object: Object, lane number: Int) {
        guard let stacks, stacks.hasStack(number) else { return giveBackToSlots(object, number) }
        let kept = Unmanaged.passRetained(object)
        if !stacks.push(kept.toOpaque()) { kept.release() }
    }

    @inline(never)
    private func giveBackToSlots(_ object: Object, _ number: Int) {
        let lane = lane(number)
        for index in 0..<slotCount where lane[index].load(ordering: .relaxed) == nil {
            let kept = Unmanaged.passRetained(object)
            if lane[index].compareExchange(expected: nil, desired: kept, ordering: .releasing).exchanged { return }
            kept.release()
        }
    }
}
