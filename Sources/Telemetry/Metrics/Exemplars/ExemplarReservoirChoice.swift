// The reservoirs that a view can select.

/// Which reservoir keeps the exemplars of each series.
public struct ExemplarReservoirChoice: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case fixedSize(Int)
        case alignedToBuckets
        case custom(ReservoirMaker)
    }

    let kind: Kind

    /// As many as said, each measurement being as likely among them as any other.
    public static func fixedSize(_ size: Int) -> ExemplarReservoirChoice { ExemplarReservoirChoice(kind: .fixedSize(size)) }

    /// One for each bucket of a histogram; metrics without explicit buckets have the reservoir that is theirs by default.
    public static let alignedToBuckets = ExemplarReservoirChoice(kind: .alignedToBuckets)

    /// One that the closure makes, for each series anew.
    ///
    /// Two such choices are equal when one is a copy of the other.
    public static func custom(_ make: @escaping @Sendable () -> any ExemplarReservoir) -> ExemplarReservoirChoice {
        ExemplarReservoirChoice(kind: .custom(ReservoirMaker(make)))
    }

    /// What is wrong with the parameters, if something is.
    var problem: ConfigurationError? {
        guard case .fixedSize(let size) = kind, size < 1 else { return nil }
        return ConfigurationError(setting: "fixedSize", value: "\(size)", expected: "1 exemplar or more")
    }
}

/// Makes reservoirs; being an object, it tells one choice of them from another, which their closures cannot.
final class ReservoirMaker: Sendable, Hashable {
    let make: @Sendable () -> any ExemplarReservoir

    init(_ make: @escaping @Sendable () -> any ExemplarReservoir) {
        self.make = make
    }

    static func == (left: ReservoirMaker, right: ReservoirMaker) -> Bool { left === right }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
