// Identity and advisory parameters of an instrument.

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
