// Chooses the reservoir of a store by view and aggregation.

/// The exemplar slots of each cell: none, a fixed number, or one for each bucket.
struct ExemplarPlan: Sendable {
    /// The number of slots in each cell; 0 if there are no exemplars.
    let slotCount: Int
    /// Whether the bucket of a measurement chooses its slot.
    let isByBucket: Bool

    static let none = ExemplarPlan(slotCount: 0, isByBucket: false)
}

extension ExemplarPlan {
    /// Creates the plan of a view, else the default of the aggregation.
    ///
    /// The default is one exemplar for each of several explicit buckets, as many as an exponential histogram has buckets but at most 20,
    /// and one for all others. (Specification: metrics SDK, "Exemplar defaults".)
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
