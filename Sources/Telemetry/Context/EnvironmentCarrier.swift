// Propagation between parent and child processes.

/// Environment variables as a carrier of the context: from the process that started this one, and to those that it starts.
///
///     let parent = telemetry.propagator.extract(from: EnvironmentCarrier.process)     // TRACEPARENT, TRACESTATE, BAGGAGE …
///
///     var environment = EnvironmentCarrier.process
///     telemetry.propagator.inject(.current, into: &environment)
///     try start("/usr/bin/make", environment: environment.variables)
///
/// Read it once, when the program starts, and write to a copy for each child. Other programs and users may see the variables of
/// a process, so baggage that goes this way holds no secrets.
///
/// Names are upper-cased, and what is no letter, digit or underscore becomes an underscore: `x-b3-traceid` is `X_B3_TRACEID`. Values
/// are carried as they are. (Specification: environment variables as context propagation carriers.)
public struct EnvironmentCarrier: Sendable, Hashable, CarrierReader, CarrierWriter {
    /// All variables, including those that no propagator can name: the environment of a child process.
    public private(set) var variables: [String: String]

    public init(_ variables: [String: String] = [:]) {
        self.variables = variables
    }

    /// A copy of the variables of this process; changing it does not change the process.
    ///
    /// No other thread may change the variables of the process meanwhile, as with any reading of them.
    public static var process: EnvironmentCarrier { EnvironmentCarrier(ProcessInformation.environmentVariables) }

    /// Returns the value of the variable of a normalized name; nil if it is unset.
    public func value(for name: String) -> String? { variables[Self.normalized(name)] }

    /// The names that are already normalized, in alphabetical order.
    public var names: [String] { variables.keys.filter { Self.normalized($0) == $0 }.sorted() }

    /// Sets the variable of a normalized name.
    public mutating func setValue(_ value: String, for name: String) { variables[Self.normalized(name)] = value }

    /// Returns the name of the variable for the name of a header.
    ///
    /// (Specification: environment variables as context propagation carriers, "Key Name Normalization".)
    static func normalized(_ name: String) -> String {
        var normalized = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            switch scalar {
            case "A"..."Z", "0"..."9", "_": normalized.append(scalar)
            case "a"..."z": normalized.append(Unicode.Scalar(UInt8(scalar.value) & ~0x20))
            default: normalized.append("_")
            }
        }
        if normalized.first.map({ ("0"..."9").contains($0) }) ?? true { normalized.insert("_", at: normalized.startIndex) }
        return String(normalized)
    }
}
