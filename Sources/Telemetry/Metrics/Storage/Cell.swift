// Hot: fields and arithmetic of a series in the memory of a lane or reader.

import Synchronization

/// The aggregated measurements of one series. Zeroed memory is a cell without measurements.
struct Cell {
    let base: UnsafeMutableRawPointer

    @inline(__always)
    init(_ base: UnsafeMutableRawPointer) {
        assert(UInt(bitPattern: base) % 8 == 0, "A cell begins at a whole word.")
        self.base = base
    }

    @inline(__always)
    private func field<Value: ~Copyable>(_ index: Int, as type: Value.Type) -> UnsafeMutablePointer<Value> {
        (base + index &* 8).assumingMemoryBound(to: type)
    }

    /// The measurements since the cell was last cleared.
    @inline(__always)
    var updates: UInt64 {
        get { field(0, as: UInt64.self).pointee }
        nonmutating set { field(0, as: UInt64.self).pointee = newValue }
    }

    /// In a lane: the count up to which measurements are not looked at for exemplars.
    @inline(__always)
    var skipUntilCount: UInt64 {
        get { field(1, as: UInt64.self).pointee }
        nonmutating set { field(1, as: UInt64.self).pointee = newValue }
    }

    /// In the cells of a reader: whether the cell holds values, exported or not.
    ///
    /// It shares a field with `skipUntilCount`.
    var holdsValues: Bool {
        get { skipUntilCount != 0 }
        nonmutating set { skipUntilCount = newValue ? 1 : 0 }
    }

    /// Allocated with the first exemplar.
    @inline(__always)
    var exemplars: UnsafeMutablePointer<ExemplarSlot>? {
        get { field(2, as: UnsafeMutablePointer<ExemplarSlot>?.self).pointee }
        nonmutating set { field(2, as: UnsafeMutablePointer<ExemplarSlot>?.self).pointee = newValue }
    }

    @inline(__always)
    var int: Int64 {
        get { field(3, as: Int64.self).pointee }
        nonmutating set { field(3, as: Int64.self).pointee = newValue }
    }

    @inline(__always)
    var double: Double {
        get { field(3, as: Double.self).pointee }
        nonmutating set { field(3, as: Double.self).pointee = newValue }
    }

    @inline(__always)
    var bits: UInt64 {
        get { field(3, as: UInt64.self).pointee }
        nonmutating set { field(3, as: UInt64.self).pointee = newValue }
    }

    /// Of integers: how often their sum has overflowed `int`, upwards or downwards.
    ///
    /// The sum is `int` + `carry` · 2⁶⁴.
    @inline(__always)
    var carry: Int64 {
        get { field(6, as: Int64.self).pointee }
        nonmutating set { field(6, as: Int64.self).pointee = newValue }
    }

    /// Of integers: the sum, clamped to the range of `Int64`.
    var sumWithinRange: Int64 { carry == 0 ? int : carry < 0 ? .min : .max }

    /// Of integers in a lane: the sum added without the lock, which wraps at the end of its range. See ``ProcessorSums``.
    @inline(__always)
    var boundSum: UnsafeMutablePointer<Atomic<Int64>> { field(4, as: Atomic<Int64>.self) }

    /// Of integers in a lane: how many more may be added without the lock; the word behind the sum.
    @inline(__always)
    var boundRemaining: UnsafeMutablePointer<Atomic<Int64>> { field(5, as: Atomic<Int64>.self) }

    /// Of integers in a lane: how much of `boundSum` has been moved to `int`.
    @inline(__always)
    private var boundSeen: Int64 {
        get { field(7, as: Int64.self).pointee }
        nonmutating set { field(7, as: Int64.self).pointee = newValue }
    }

    /// In a lane: whether there are measurements since the cell was last cleared.
    @inline(__always)
    func hasNewMeasurements(_ layout: CellLayout) -> Bool {
        if updates > 0 { return true }
        switch layout.kind {
        case .intSum: return boundSum.pointee.load(ordering: .relaxed) != boundSeen
        case .histogram: return queue(layout).map { !$0.isEmpty } ?? false
        default: return false
        }
    }

    /// Of a last value: orders values across lanes.
    @inline(__always)
    var sequence: UInt64 {
        get { field(4, as: UInt64.self).pointee }
        nonmutating set { field(4, as: UInt64.self).pointee = newValue }
    }

    /// Of a histogram: the least value, beside the sum in `double`.
    @inline(__always)
    var minimum: Double {
        get { field(4, as: Double.self).pointee }
        nonmutating set { field(4, as: Double.self).pointee = newValue }
    }

    @inline(__always)
    var maximum: Double {
        get { field(5, as: Double.self).pointee }
        nonmutating set { field(5, as: Double.self).pointee = newValue }
    }

    @inline(__always)
    var buckets: UnsafeMutablePointer<UInt64> { field(6, as: UInt64.self) }

    /// Of a histogram in a lane: the values that were recorded without the lock; nil unless the series was bound.
    @inline(__always)
    func queue(_ layout: CellLayout) -> ProcessorQueue? {
        field(6 &+ layout.bucketCount, as: ProcessorQueue?.self).pointee
    }

    /// Allocated with the first value.
    @inline(__always)
    var exponential: UnsafeMutablePointer<ExponentialHistogram>? {
        get { field(3, as: UnsafeMutablePointer<ExponentialHistogram>?.self).pointee }
        nonmutating set { field(3, as: UnsafeMutablePointer<ExponentialHistogram>?.self).pointee = newValue }
    }
}

extension Cell {
    /// Adds an integer to the sum, which never wraps.
    @inline(__always)
    func add(_ number: Int64) {
        let (sum, isOverflow) = int.addingReportingOverflow(number)
        int = sum
        if isOverflow { addToCarry(number) }
    }

    @inline(never)
    private func addToCarry(_ number: Int64) { carry &+= number < 0 ? -1 : 1 }

    /// Adds a value to a histogram with explicit buckets.
    @inline(__always)
    func record(_ value: Double, inBucket bucket: Int, isFirst: Bool) {
        double += value
        // A comparison is one instruction; `min` and `max` take five.
        minimum = isFirst ? value : minimum < value ? minimum : value
        maximum = isFirst ? value : maximum > value ? maximum : value
        buckets[bucket] &+= 1
    }

    /// Returns the exponential histogram, allocated if there is none.
    @inline(__always)
    func allocatedExponential(_ layout: CellLayout) -> UnsafeMutablePointer<ExponentialHistogram> {
        exponential ?? makeExponential(layout)
    }

    @inline(never)
    private func makeExponential(_ layout: CellLayout) -> UnsafeMutablePointer<ExponentialHistogram> {
        assert(layout.kind == .exponential && exponential == nil, "An exponential histogram is made once.")
        let made = UnsafeMutablePointer<ExponentialHistogram>.allocate(capacity: 1)
        made.initialize(to: ExponentialHistogram(maxSize: layout.maxSize, maxScale: layout.maxScale))
        exponential = made
        return made
    }

    /// Returns the queue of a histogram, allocated if there is none; must be called with the lane's lock held.
    func allocatedQueue(_ layout: CellLayout) -> ProcessorQueue {
        if let made = queue(layout) { return made }
        let made = ProcessorQueue.allocate()
        field(6 &+ layout.bucketCount, as: ProcessorQueue?.self).pointee = made
        return made
    }

    /// Returns the exemplar slots, allocated if there are none.
    @inline(never)
    func allocatedExemplarSlots(_ layout: CellLayout) -> UnsafeMutableBufferPointer<ExemplarSlot> {
        if let made = exemplarSlots(layout) { return made }
        assert(layout.exemplars.slotCount > 0, "The cell keeps exemplars.")
        let made = UnsafeMutableBufferPointer<ExemplarSlot>.allocate(capacity: layout.exemplars.slotCount)
        made.initialize(repeating: ExemplarSlot())
        exemplars = made.baseAddress
        return made
    }

    func exemplarSlots(_ layout: CellLayout) -> UnsafeMutableBufferPointer<ExemplarSlot>? {
        exemplars.map { UnsafeMutableBufferPointer(start: $0, count: layout.exemplars.slotCount) }
    }

    /// Moves what was added without the lock to where overflow is noticed; must be called with the lane's lock held.
    func moveBoundSum() {
        // The sum is left alone: whoever adds to it does so without a locked instruction.
        let sum = boundSum.pointee.load(ordering: .relaxed)
        add(sum &- boundSeen)
        boundSeen = sum
    }

    /// Adds the sum that was added without the lock; called before the cell of a lane is merged.
    func addBoundSum() {
        boundRemaining.pointee.store(0, ordering: .relaxed)
        moveBoundSum()
        // The measurements of a grant were counted beforehand, and not all of them have been added.
        updates = 1
    }

    /// Merges the cell of a lane into this one, which belongs to a reader.
    @inline(__always)
    func merge(_ lane: Cell, _ layout: CellLayout) {
        if layout.kind == .intSum {
            add(lane.int)
            carry &+= lane.carry
        } else {
            mergeOther(lane, layout)
        }
        if lane.exemplars != nil { mergeExemplars(lane, layout) }
        updates &+= lane.updates
        holdsValues = true
    }

    @inline(never)
    private func mergeOther(_ lane: Cell, _ layout: CellLayout) {
        let isFirst = !holdsValues
        switch layout.kind {
        case .intSum: break
        case .doubleSum: double += lane.double
        case .intLast, .doubleLast:
            if isFirst || lane.sequence >= sequence {
                bits = lane.bits
                sequence = lane.sequence
            }
        case .histogram:
            double += lane.double
            minimum = isFirst ? lane.minimum : min(minimum, lane.minimum)
            maximum = isFirst ? lane.maximum : max(maximum, lane.maximum)
            for index in 0..<layout.bucketCount { buckets[index] &+= lane.buckets[index] }
        case .exponential:
            if let values = lane.exponential { allocatedExponential(layout).pointee.merge(values.pointee) }
        }
    }

    @inline(never)
    private func mergeExemplars(_ lane: Cell, _ layout: CellLayout) {
        guard let kept = lane.exemplarSlots(layout) else { return }
        ExemplarSampling.merge(kept, into: allocatedExemplarSlots(layout), isByBucket: layout.exemplars.isByBucket)
    }

    /// Clears the cell and keeps its memory.
    @inline(__always)
    func clear(_ layout: CellLayout) {
        updates = 0
        skipUntilCount = 0
        if exemplars != nil { clearExemplars(layout) }
        switch layout.kind {
        case .intSum:
            bits = 0
            carry = 0
        case .doubleSum: bits = 0
        case .intLast, .doubleLast: clearContent(layout.stride)
        case .histogram:
            queue(layout)?.allow(0)
            clearContent(layout.stride &- MemoryLayout<ProcessorQueue?>.stride)
        case .exponential: exponential?.pointee.reset()
        }
    }

    @inline(never)
    private func clearContent(_ end: Int) {
        (base + CellLayout.contentOffset).initializeMemory(as: UInt8.self, repeating: 0, count: end - CellLayout.contentOffset)
    }

    func clearExemplars(_ layout: CellLayout) {
        guard let slots = exemplarSlots(layout) else { return }
        for index in slots.indices { slots[index].clear() }
    }

    /// Frees memory that the cell points to.
    func deinitialize(_ layout: CellLayout) {
        if let slots = exemplarSlots(layout) {
            slots.deinitialize()
            slots.deallocate()
        }
        if layout.kind == .histogram { queue(layout)?.deallocate() }
        if let values = exponential(layout) {
            values.deinitialize(count: 1)
            values.deallocate()
        }
    }

    private func exponential(_ layout: CellLayout) -> UnsafeMutablePointer<ExponentialHistogram>? {
        layout.kind == .exponential ? exponential : nil
    }
}
