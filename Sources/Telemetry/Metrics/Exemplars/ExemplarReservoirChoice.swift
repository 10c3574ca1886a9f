// The reservoirs that a view can select.

/// Selects the reservoir that keeps the exemplars of each series.
public struct ExemplarReservoirChoice: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case fixedSize(Int)
        case alignedToBuckets
        case custom(ReservoirMaker)
    }

    let kind: Kind

    /// Keeps this number of exemplars, from 1 to 16384; each measurement has the same chance.
    public static func fixedSize(_ size: Int) -> ExemplarReservoirChoice { ExemplarReservoirChoice(kind: .fixedSize(size)) }

    /// Keeps one exemplar for each bucket.
    ///
    /// Metrics without explicit buckets have the default reservoir instead.
    public static let alignedToBuckets = ExemplarReservoirChoice(kind: .alignedToBuckets)

    /// Keeps exemplars in a reservoir that the closure makes for each series.
    ///
    /// Two such choices are equal if one is a copy of the other.
    public static func custom(_ make: @escaping @Sendable () -> any ExemplarReservoir) -> ExemplarReservoirChoice {
        ExemplarReservoirChoice(kind: .custom(ReservoirMaker(make)))
    }

}

extension ExemplarReservoirChoice: CheckedSettings {
    /// The exemplars that a series may keep: all of its memory is taken with the first one.
    private static let sizes = 1...16_384

    var problem: ConfigurationError? {
        guard case .fixedSize(let size) = kind, !Self.sizes.contains(size) else { return nil }
        return ConfigurationError(
            setting: "fixedSize", value: "\(size)", expected: "\(Self.sizes.lowerBound) to \(Self.sizes.upperBound) exemplars")
    }
}

/// Makes reservoirs. An object, because closures cannot be compared for equality.
final class ReservoirMaker: Sendable, Hashable {
    let make: @Sendable () -> any ExemplarReservoir

    init(_ make: @escaping @Sendable () -> any ExemplarReservoir) {
        self.make = make
    }

    static func == (left: ReservoirMaker, right: ReservoirMaker) -> Bool { left === right }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
