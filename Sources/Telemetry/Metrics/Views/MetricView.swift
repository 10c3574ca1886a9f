// Changes what becomes of the measurements of instruments, without touching the code that makes them.

/// Says something else about the metrics of some instruments: their name, their attributes, how they are aggregated.
///
/// ```swift
/// View(of: "http.server.request.duration", attributeKeys: .only(["http.route"]))
/// View(of: .instruments("requests", meter: "shop"), name: "shop.requests")
/// View(of: .instruments(kind: .histogram), aggregation: .exponentialHistogram())
/// View(of: .all, aggregation: .drop)
/// ```
///
/// What a view leaves out stays as the instrument and the reader say. Each view that selects an instrument makes a metric of its own
/// from it, unless views are ``ViewMatchingMode/composable``. (Specification: metrics SDK, "View".)
public struct MetricView: Sendable {
    let instruments: InstrumentSelector
    let name: String?
    let description: String?
    let attributeKeys: AttributeKeySelection?
    let aggregation: Aggregation?
    let cardinalityLimit: Int?
    let exemplars: ExemplarReservoirChoice?

    /// A view of the instruments that the selector finds; nil leaves a matter to the instrument and to the reader.
    ///
    /// - Parameters:
    ///   - name: what the metric is called instead. It need not follow the rules for names of instruments. The view must then select by
    ///     one whole name: with wildcards, several metrics would come to have the same name.
    ///   - attributeKeys: which attributes tell series apart. Attributes that are taken away may still turn up on exemplars, as their
    ///     filtered attributes. Where that must not be, for example because they tell of persons, switch exemplars off with the
    ///     exemplar filter `alwaysOff`, or choose in a custom reservoir what may become an exemplar.
    ///   - aggregation: `.default` stands for what the kind of the instrument asks for, whatever the reader says. Explicit buckets
    ///     named here, even without boundaries, count for more than the boundaries that the instrument advises. One that makes no
    ///     sense for an instrument is reported, and the view does not count for it.
    ///   - cardinalityLimit: how many series the metric may have; attributes are taken away before they are counted.
    ///   - exemplars: where the exemplars of each series are kept.
    public init(
        of instruments: InstrumentSelector, name: String? = nil, description: String? = nil, attributeKeys: AttributeKeySelection? = nil,
        aggregation: Aggregation? = nil, cardinalityLimit: Int? = nil, exemplars: ExemplarReservoirChoice? = nil
    ) {
        self.instruments = instruments
        self.name = name
        self.description = description
        self.attributeKeys = attributeKeys
        self.aggregation = aggregation
        self.cardinalityLimit = cardinalityLimit
        self.exemplars = exemplars
    }
}

/// Selects instruments: those that meet all criteria that are given. A text stands for the instruments with that name.
///
/// (Specification: metrics SDK, "Instrument selection criteria".)
public struct InstrumentSelector: Sendable, Hashable {
    private let name: String?
    private let pattern: NamePattern?
    private let kind: InstrumentKind?
    private let unit: String?
    private let meter: String?
    private let meterVersion: String?
    private let meterSchemaURL: String?

    private init(
        name: String?, kind: InstrumentKind? = nil, unit: String? = nil, meter: String? = nil, meterVersion: String? = nil,
        meterSchemaURL: String? = nil
    ) {
        self.name = name
        pattern = name.map { NamePattern(InstrumentName($0).text) }
        self.kind = kind
        self.unit = unit
        self.meter = meter
        self.meterVersion = meterVersion
        self.meterSchemaURL = meterSchemaURL
    }

    /// All instruments of all meters.
    public static let all = InstrumentSelector(name: nil)

    /// Instruments that meet all criteria; what is nil does not matter.
    ///
    /// - Parameters:
    ///   - name: the case of letters does not count; `*` stands for any number of characters and `?` for one.
    ///   - unit: the unit as it was given to the instrument; here case counts.
    ///   - meter: the whole name of the meter.
    public static func instruments(
        _ name: String? = nil, kind: InstrumentKind? = nil, unit: String? = nil, meter: String? = nil, meterVersion: String? = nil,
        meterSchemaURL: String? = nil
    ) -> InstrumentSelector {
        InstrumentSelector(
            name: name, kind: kind, unit: unit, meter: meter, meterVersion: meterVersion, meterSchemaURL: meterSchemaURL)
    }

    /// Whether instruments with different names may be selected.
    var hasWildcards: Bool { name.map { $0.contains("*") || $0.contains("?") } ?? true }

    func selects(_ instrument: InstrumentDescriptor, of scope: InstrumentationScope) -> Bool {
        if let kind, kind != instrument.kind { return false }
        return Self.agree(unit, instrument.unit) && Self.agree(meter, scope.name) && Self.agree(meterVersion, scope.version)
            && Self.agree(meterSchemaURL, scope.schemaURL) && pattern?.matches(InstrumentName(instrument.name).text) ?? true
    }

    private static func agree(_ criterion: String?, _ value: String) -> Bool { criterion?.hasSameBytes(as: value) ?? true }
}

extension InstrumentSelector: ExpressibleByStringLiteral {
    public init(stringLiteral name: String) { self.init(name: name) }
}

/// Which attributes of the measurements tell the series of a metric apart; the others are taken away.
public enum AttributeKeySelection: Sendable, Hashable {
    /// These alone are kept.
    case only([String])
    /// These are taken away.
    case except([String])
}

/// What becomes of an instrument that several views select. (Specification: metrics SDK, "View matching mode", in development.)
public enum ViewMatchingMode: Sendable, Hashable {
    /// Each view makes a metric of its own.
    case independent
    /// Views are put together: what the last one says counts, and an attribute is kept when all keep it.
    ///
    /// There is one metric for each name that views give the instrument. Views that give none have their say about all of them.
    case composable
}
