// The rules by which an exporter uses the addresses of its receiver.

/// How an exporter uses the addresses of a receiver's name: how long it keeps, leaves and stays connected to them.
///
/// A name may stand for many collectors. One connection goes to one of them at a time.
public struct AddressPolicy: Sendable, Hashable {
    /// How long the addresses of a name are used before it is looked up again, in the background, while something is sent.
    ///
    /// A resolver that knows how long its answer holds says so instead; the system's does not.
    public var refreshInterval: Duration
    /// The age at which a connection is replaced between two requests, so that new collectors get their share; nil for no limit. Each connection
    /// gets up to a fifth less, by chance.
    public var connectionAge: Duration?
    /// How long an address may take to answer a request while others are healthy. The request, which may have been received, is then sent to
    /// another one.
    ///
    /// With nil an address is left that neither takes bytes nor answers for 0.5 to 0.9 seconds: four times as long as the slowest of the latest
    /// answers, or of the latest silences for which an address was left. Where answers take longer than 0.45 seconds, or after three addresses
    /// in a row were left so, the limit is a third of the time that the export has left, but a second at least.
    public var answerTimeout: Duration?
    /// How long an address is left after a failure while others are healthy, a millisecond at least; twice as long after each further one.
    public var initialBackoff: Duration
    /// The longest time for which an address is left.
    public var maximumBackoff: Duration

    public init(
        refreshInterval: Duration = .seconds(30), connectionAge: Duration? = .seconds(300), answerTimeout: Duration? = nil,
        initialBackoff: Duration = .seconds(1), maximumBackoff: Duration = .seconds(60)
    ) {
        self.refreshInterval = refreshInterval
        self.connectionAge = connectionAge
        self.answerTimeout = answerTimeout
        self.initialBackoff = initialBackoff
        self.maximumBackoff = maximumBackoff
    }

    /// Returns when the answer of one address among several must have come.
    func answerLimit(within deadline: Deadline) -> Deadline {
        min(deadline, .after(answerTimeout ?? max(.seconds(1), deadline.remaining / 3)))
    }

    /// Returns when a connection made now is too old.
    ///
    /// - Parameter fraction: a random number from 0 to 1.
    func expiry(from now: UInt64, fraction: Double) -> UInt64 {
        guard let connectionAge else { return .max }
        // Multiplying a duration traps if the product is too long for one.
        let age = Double(connectionAge.saturatedNanoseconds) * (1 - 0.2 * fraction)
        return Deadline(nanoseconds: now).advanced(by: .nanoseconds(Int64(exactly: age.rounded()) ?? .max)).nanoseconds
    }
}

extension AddressPolicy: CheckedSettings {
    var problem: ConfigurationError? {
        let durations: [(String, Duration?)] = [
            ("refreshInterval", refreshInterval), ("connectionAge", connectionAge), ("answerTimeout", answerTimeout),
        ]
        for case (let name, let duration?) in durations where duration <= .zero {
            return ConfigurationError(setting: "addresses.\(name)", value: "\(duration)", expected: "a duration above zero")
        }
        guard initialBackoff >= .milliseconds(1) else {
            return ConfigurationError(
                setting: "addresses.initialBackoff", value: "\(initialBackoff)", expected: "a duration of a millisecond or more")
        }
        guard maximumBackoff < initialBackoff else { return nil }
        return ConfigurationError(
            setting: "addresses.maximumBackoff", value: "\(maximumBackoff)", expected: "at least the first one, \(initialBackoff)")
    }
}
