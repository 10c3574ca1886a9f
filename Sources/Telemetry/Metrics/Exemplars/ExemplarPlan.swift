// The number and the use of exemplar slots in the cells of a store.

/// How exemplars are kept in a store: none, a number of them for the whole series, or one a bucket.
struct ExemplarPlan: Sendable {
    /// Slots in each cell; 0 when there are no exemplars.
    let slotCount: Int
    /// Whether the slot is chosen by the bucket.
    let isByBucket: Bool

    static let none = ExemplarPlan(slotCount: 0, isByBucket: false)
}

extension ExemplarPlan {
    /// What a view says, else the default of the aggregation: one a bucket where there are several, as many as an exponential
    /// histogram has buckets but at most 20, and one for all else. (Specification: metrics SDK, "Exemplar defaults".)
    init(_ choice: ExemplarReservoirChoice?, bucketCount: Int, maxSize: Int) {
        switch choice?.kind {
        case .custom: self = .none
        case .fixedSize(let size): self.init(slotCount: size, isByBucket: false)
        case .alignedToBuckets, nil:
            if bucketCount > 1 {
                self.init(slotCount: bucketCount, isByBucket: true)
            } else {
                self.init(slotCount: maxSize > 0 ? min(20, maxSize) : 1, isByBucket: false)
            }
        }
    }
}
