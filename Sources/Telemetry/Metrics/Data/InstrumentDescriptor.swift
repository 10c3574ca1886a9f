// What a meter knows of an instrument before any measurement.

/// The identity of an instrument and its advisory parameters.
struct InstrumentDescriptor: Sendable, Hashable {
    /// The name as the first registration wrote it.
    var name: String
    let kind: InstrumentKind
    let isFloatingPoint: Bool
    let unit: String
    let description: String
    /// Advisory parameters, which are no part of the identity.
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
