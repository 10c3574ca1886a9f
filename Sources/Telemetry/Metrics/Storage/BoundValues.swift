// Hot: records values in a bound series of a histogram without a lock.

/// The queues of one series in all lanes, into which values of a histogram with explicit buckets are put without a lock.
///
/// The sum, the bounds and the count of a bucket are not changed in one instruction, so that a value alone is handed over. Whoever holds the
/// lane's lock next moves the values into the cell: a collection, or every 32nd measurement.
struct BoundValues: Sendable {
    private let queues: ProcessorQueues

    /// Allocates the queues; nil if measurements of the store need more than their values, or the machine does not offer such queues.
    init?(_ store: SeriesStore, _ number: Int) {
        guard store.layout.kind == .histogram, !store.usesCustomReservoirs, ProcessorQueues.areAvailable else { return nil }
        queues = ProcessorQueues(
            (0..<store.laneCount).map { index in
                store.lanes[index].lock.acquire()
                defer { store.lanes[index].lock.release() }
                return Cell(store.lanes[index].cells.cell(number)).allocatedQueue(store.layout)
            })
    }

    func deallocate() { queues.deallocate() }

    /// Hands over the bits of a value that the instrument accepts; returns false if the measurement must take the lock.
    @inline(__always)
    func append(_ bits: UInt64) -> Bool { queues.append(bits) }
}

extension Cell {
    /// Moves the values of the queue into the histogram; must be called with the lane's lock held.
    @inline(never)
    func recordQueuedValues(_ layout: CellLayout, _ buckets: ExplicitBuckets) {
        guard let queue = queue(layout), !queue.isEmpty else { return }
        let counts = self.buckets
        // In registers: the sum of the cell would be written and read again for each value.
        var (count, sum) = (updates, double)
        var (least, greatest) = count == 0 ? (Double.infinity, -Double.infinity) : (minimum, maximum)
        queue.takeAll { bits in
            let value = layout.double(bits)
            let bucket = buckets.index(of: value)
            assert(bucket < layout.bucketCount, "The bucket is one of the layout.")
            counts[bucket] &+= 1
            count &+= 1
            sum += value
            least = least < value ? least : value
            greatest = greatest > value ? greatest : value
        }
        (updates, double) = (count, sum)
        (minimum, maximum) = (least, greatest)
    }

    /// Allows values up to the next look for an exemplar; must be called with the lane's lock held, after the values of the queue were moved.
    @inline(never)
    func allowQueuedValues(_ layout: CellLayout) {
        guard let queue = queue(layout) else { return }
        var count = UInt64(ProcessorQueue.capacity)
        if layout.exemplars.isByBucket, let slots = exemplarSlots(layout) {
            for bucket in slots.indices where count > 0 { count = min(count, slots[bucket].remaining(after: buckets[bucket])) }
        } else if layout.exemplars.slotCount > 0 {
            count = min(count, skipUntilCount > updates ? skipUntilCount &- updates : 0)
        }
        queue.allow(Int(count))
    }
}

extension ExemplarSlot {
    /// How many measurements more are not looked at.
    fileprivate func remaining(after count: UInt64) -> UInt64 { skipUntilCount > count ? skipUntilCount &- count : 0 }
}
