// The attributes of messages of Amazon's SNS and SQS, which carry the trace context.

/// Attributes that have a type and a value each, as `{"traceparent": {"Type": "String", "Value": "00-…"}}`.
///
/// A propagator reads and writes those of type `String`. Names are compared without regard to case.
public struct TypedMessageAttributes: Sendable, Hashable {
    /// An attribute's type and its value as a text.
    public struct Value: Sendable, Hashable {
        public var type: String
        public var value: String

        public init(type: String = "String", _ value: String) {
            self.type = type
            self.value = value
        }
    }

    /// The number of attributes that a message of SQS may have; SNS refuses to deliver more to it.
    public static let maximumCount = 10

    public var values: [String: Value]
    /// The values that a propagator could not write because there were too many attributes already.
    public private(set) var omittedCount = 0

    public init(_ values: [String: Value] = [:]) {
        self.values = values
    }
}

extension TypedMessageAttributes: CarrierReader {
    public func value(for name: String) -> String? {
        let value = values[name] ?? values.first { HeaderGrammar.areSameName($0.key, name) }?.value
        return value.flatMap { $0.type == "String" ? $0.value : nil }
    }

    public var names: [String] { values.filter { $0.value.type == "String" }.keys.sorted() }
}

extension TypedMessageAttributes: CarrierWriter {
    /// Sets a value, unless that were one attribute too many: a message that is refused is worse than a trace that ends.
    public mutating func setValue(_ value: String, for name: String) {
        for (key, _) in values where key != name && HeaderGrammar.areSameName(key, name) { values[key] = nil }
        guard values[name] != nil || values.count < Self.maximumCount else { return omittedCount += 1 }
        values[name] = Value(value)
    }
}
