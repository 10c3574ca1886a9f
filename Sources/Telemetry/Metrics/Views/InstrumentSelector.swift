// Matches instruments for views.

/// Selects the instruments that meet all of its criteria. A string literal selects by name.
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

    /// Selects all instruments of all meters.
    public static let all = InstrumentSelector(name: nil)

    /// Selects the instruments that meet all criteria; nil criteria are not tested.
    ///
    /// - Parameters:
    ///   - name: compared without regard to case; `*` matches any number of characters and `?` matches one.
    ///   - unit: the unit of the instrument, compared with regard to case.
    ///   - meter: the full name of the meter.
    public static func instruments(
        _ name: String? = nil, kind: InstrumentKind? = nil, unit: String? = nil, meter: String? = nil, meterVersion: String? = nil,
        meterSchemaURL: String? = nil
    ) -> InstrumentSelector {
        InstrumentSelector(
            name: name, kind: kind, unit: unit, meter: meter, meterVersion: meterVersion, meterSchemaURL: meterSchemaURL)
    }

    /// Whether the selector may match instruments with different names.
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
