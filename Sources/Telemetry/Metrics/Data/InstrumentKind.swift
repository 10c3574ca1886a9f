// The properties of instruments that aggregations and temporalities depend on.

/// The kind of an instrument. (Specification: metrics API, "Instrument".)
public enum InstrumentKind: String, Sendable, Hashable, CaseIterable {
    case counter
    case upDownCounter
    case histogram
    case gauge
    case observableCounter
    case observableUpDownCounter
    case observableGauge

    /// Whether the values come from callbacks at each collection.
    public var isObservable: Bool {
        switch self {
        case .counter, .upDownCounter, .histogram, .gauge: false
        case .observableCounter, .observableUpDownCounter, .observableGauge: true
        }
    }

    /// Whether the sum of its values never decreases.
    public var isMonotonic: Bool {
        switch self {
        case .counter, .observableCounter, .histogram: true
        case .upDownCounter, .observableUpDownCounter, .gauge, .observableGauge: false
        }
    }

    /// Whether its values are increments or parts of a sum, so that the last value alone has no meaning.
    var isAdditive: Bool {
        switch self {
        case .counter, .upDownCounter, .observableCounter, .observableUpDownCounter: true
        case .histogram, .gauge, .observableGauge: false
        }
    }
}

extension InstrumentKind {
    /// The kind with its article, for diagnostics.
    var nounWithArticle: String {
        switch self {
        case .counter: "a counter"
        case .upDownCounter: "an up-down counter"
        case .histogram: "a histogram"
        case .gauge: "a gauge"
        case .observableCounter: "an observable counter"
        case .observableUpDownCounter: "an observable up-down counter"
        case .observableGauge: "an observable gauge"
        }
    }
}
