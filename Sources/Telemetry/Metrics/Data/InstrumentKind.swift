// The kinds of instruments, and what sets them apart.

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

/// What all who register an instrument have to agree on, and what they advise.
struct InstrumentDescriptor: Sendable, Hashable {
    /// As written by whoever registered it first.
    var name: String
    let kind: InstrumentKind
    let isFloatingPoint: Bool
    let unit: String
    let description: String
    /// Advisory parameters; they do not belong to the identity.
    var boundaries: [Double]?
    var attributeKeys: [String]?

    init(
        name: String, kind: InstrumentKind, isFloatingPoint: Bool = false, unit: String = "", description: String = "",
        boundaries: [Double]? = nil, attributeKeys: [String]? = nil
    ) {
        self.name = name
        self.kind = kind
        self.isFloatingPoint = isFloatingPoint
        self.unit = unit
        self.description = description
        self.boundaries = boundaries
        self.attributeKeys = attributeKeys
    }
}
