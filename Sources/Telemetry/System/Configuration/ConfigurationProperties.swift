// The properties of a component that a program provides itself.

/// The properties that a configuration gives to a component of the program's own.
///
/// Reading a property of the wrong type throws the error that tells its place; one that is absent or has no value is nil.
/// (Specification: configuration SDK, "Create Component".)
public struct ConfigurationProperties: Sendable, Equatable {
    /// A value of any type.
    public indirect enum Value: Sendable, Equatable {
        case null
        case boolean(Bool)
        case integer(Int)
        case number(Double)
        case text(String)
        case list([Value])
        case mapping(ConfigurationProperties)
    }

    /// The values by name.
    public var values: [String: Value]
    /// The component that has them, as `tracer_provider.sampler.mine`.
    public var path: String
    /// The texts of variables that look like something else, with the values that they were read as.
    var substituted: [String: (value: Value?, text: String)] = [:]

    public init(_ values: [String: Value] = [:], path: String = "") {
        self.values = values
        self.path = path
    }

    /// Two sets of properties are equal if their values are, wherever they stand.
    public static func == (left: ConfigurationProperties, right: ConfigurationProperties) -> Bool { left.values == right.values }

    /// Returns a text, also a number or truth value that comes from an environment variable; nil if there is none.
    public func text(_ name: String) throws(ConfigurationError) -> String? {
        try value(name, "a text") { value in
            if case .text(let text) = value { return text }
            // The value may have been replaced by code.
            return substituted[name].flatMap { $0.value == value ? $0.text : nil }
        }
    }

    /// Returns a whole number; nil if there is none.
    public func integer(_ name: String) throws(ConfigurationError) -> Int? {
        try value(name, "a whole number") { if case .integer(let number) = $0 { number } else { nil } }
    }

    /// Returns a number, whole or not; nil if there is none.
    public func number(_ name: String) throws(ConfigurationError) -> Double? {
        try value(name, "a number") { value in
            switch value {
            case .integer(let number): Double(number)
            case .number(let number): number
            default: nil
            }
        }
    }

    /// Returns true or false; nil if there is neither.
    public func boolean(_ name: String) throws(ConfigurationError) -> Bool? {
        try value(name, "true or false") { if case .boolean(let value) = $0 { value } else { nil } }
    }

    /// Returns a list; nil if there is none.
    public func list(_ name: String) throws(ConfigurationError) -> [Value]? {
        try value(name, "a list") { if case .list(let values) = $0 { values } else { nil } }
    }

    /// Returns further properties; nil if there are none.
    public func properties(_ name: String) throws(ConfigurationError) -> ConfigurationProperties? {
        try value(name, "a mapping") { if case .mapping(let properties) = $0 { properties } else { nil } }
    }

    private func value<Result>(_ name: String, _ expected: String, _ read: (Value) -> Result?) throws(ConfigurationError) -> Result? {
        guard let value = values[name], value != .null else { return nil }
        if let result = read(value) { return result }
        throw ConfigurationError(setting: path.isEmpty ? name : "\(path).\(name)", value: value.description, expected: expected)
    }
}

extension ConfigurationProperties {
    /// Returns the kind of the value at a path, without the value; nil if there is none.
    func kind(at setting: String) -> String? {
        guard setting.hasPrefix("\(path).") else { return nil }
        if let value = values[String(setting.dropFirst(path.count + 1))] { return value.kind }
        for value in values.values { if let kind = value.kind(at: setting) { return kind } }
        return nil
    }
}

extension ConfigurationProperties.Value {
    fileprivate var kind: String {
        switch self {
        case .boolean: "a truth value"
        case .integer, .number: "a number"
        case .text: "a text"
        case .null, .list, .mapping: description
        }
    }

    fileprivate func kind(at setting: String) -> String? {
        switch self {
        case .mapping(let properties): return properties.kind(at: setting)
        case .list(let values):
            for value in values { if let kind = value.kind(at: setting) { return kind } }
            return nil
        default: return nil
        }
    }
}

extension ConfigurationProperties.Value: CustomStringConvertible {
    public var description: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let text): text
        case .list(let values): "a list of \(values.count)"
        case .mapping: "a mapping"
        }
    }
}
