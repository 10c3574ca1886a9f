// The selection criteria of views.

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
