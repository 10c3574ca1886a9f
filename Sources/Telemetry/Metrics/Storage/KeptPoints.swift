// Points that stay from collection to collection.

/// The points that a reader with cumulative temporality was given last, of which only those with new measurements are made anew.
///
/// A page of Prometheus has no times of points: the others may keep theirs. In a collection of a thousand series of which none has changed,
/// no point is copied, and no reference counted.
struct KeptPoints: Sendable {
    /// A point's place among the others, and whether it has exemplars, which are exported once.
    struct Place: Sendable {
        let order: Int
        var hasExemplars: Bool
    }

    private(set) var numbers: [NumberPoint] = []
    private(set) var histograms: [HistogramPoint] = []
    private(set) var exponentials: [ExponentialHistogramPoint] = []
    private(set) var places: [Place] = []
    /// Whether any point has exemplars.
    var haveExemplars = false
    /// The offset of the wall clock when the points were made; their starts move with it.
    let clockOffset: UInt64?

    init(clockOffset: UInt64? = nil) {
        self.clockOffset = clockOffset
    }

    /// Returns whether the point at a place is the one of that order.
    func holds(_ order: Int, at place: Int) -> Bool { place < places.count && places[place].order == order }

    mutating func set(_ point: NumberPoint, _ order: Int, at place: Int) {
        let isNew = setPlace(order, at: place, hasExemplars: !point.exemplars.isEmpty)
        if isNew { numbers.insert(point, at: place) } else { numbers[place] = point }
    }

    mutating func set(_ point: HistogramPoint, _ order: Int, at place: Int) {
        let isNew = setPlace(order, at: place, hasExemplars: !point.exemplars.isEmpty)
        if isNew { histograms.insert(point, at: place) } else { histograms[place] = point }
    }

    mutating func set(_ point: ExponentialHistogramPoint, _ order: Int, at place: Int) {
        let isNew = setPlace(order, at: place, hasExemplars: !point.exemplars.isEmpty)
        if isNew { exponentials.insert(point, at: place) } else { exponentials[place] = point }
    }

    /// Returns whether the point is a new one, before the one that was at the place.
    private mutating func setPlace(_ order: Int, at place: Int, hasExemplars: Bool) -> Bool {
        haveExemplars = haveExemplars || hasExemplars
        let isNew = !holds(order, at: place)
        assert(!isNew || place == places.count || places[place].order > order, "A series that has a point keeps it.")
        if isNew {
            places.insert(Place(order: order, hasExemplars: hasExemplars), at: place)
        } else {
            places[place].hasExemplars = hasExemplars
        }
        return isNew
    }
}
