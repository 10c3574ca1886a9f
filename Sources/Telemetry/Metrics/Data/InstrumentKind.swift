// The seven kinds of instruments, and the properties that aggregations depend on.

/// The kind of an instrument. (Specification: metrics API, "Instrument".)
public enum InstrumentKind: String, Sendable, Hashable, CaseIterable {
    case counter
    case upDownCounter
    case histogram
    case gauge
    case observableCounter
    case observableUpDownCounter
    case observableGauge

    /// Whether values come from callbacks, at each collection.
    public var isObservable: Bool {
        switch self {
        case .counter, .upDownCounter, .histogram, .gauge: false
        case .observableCounter, .observableUpDownCounter, .observableGauge: true
        }
    }

    /// Whether a sum of what it takes never goes down.
    public var isMonotonic: Bool {
        switch self {
        case .counter, .observableCounter, .histogram: true
        case .upDownCounter, .observableUpDownCounter, .gauge, .observableGauge: false
        }
    }

    /// Whether what it takes is added up: such values may not be told apart from their sum.
    var isAdditive: Bool {
        switch self {
        case .counter, .upDownCounter, .observableCounter, .observableUpDownCounter: true
        case .histogram, .gauge, .observableGauge: false
        }
    }
}

extension InstrumentKind {
    /// The kind in a sentence.
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
