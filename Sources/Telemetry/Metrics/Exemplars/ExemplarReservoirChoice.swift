// Where exemplars are kept: the built-in reservoirs, and the extension point for others.

/// Chooses, among the measurements of one series, those that are exported as exemplars.
///
/// Each series has a reservoir of its own, made by ``ExemplarReservoirChoice/custom(_:)``. It is called from any thread, several at a
/// time, and on the path of the measurement: it has to be quick. (Specification: metrics SDK, "ExemplarReservoir".)
public protocol ExemplarReservoir: Sendable {
    /// Takes a measurement that the exemplar filter lets through, or leaves it.
    ///
    /// - Parameters:
    ///   - attributes: all that the measurement came with, also those that a view takes away.
    ///   - context: the context of the measurement, with its span and baggage.
    ///   - time: when it was measured.
    func offer(_ value: MetricNumber, attributes: Attributes, context: Context, time: Timestamp)

    /// Returns what was taken since the last time, and forgets it: an exemplar belongs to one collection.
    ///
    /// As `filteredAttributes` they have all attributes of the measurement; the SDK takes away those that the series has itself. It holds
    /// their times between start and time of the point, which is of use when the wall clock was set.
    func collect() -> [Exemplar]
}

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
