// Attributes that describe errors: `error.type` and `exception.type`.

/// Names the types of errors for telemetry.
enum ErrorType {
    /// Types whose names are kept, since the runtime takes thousands of instructions to make one; a program throws few.
    private static let maximumCount = 256
    private static let names = LockedCache { [ObjectIdentifier: String]() }

    /// Returns the type with its module; a private type without, since its full name contains an address.
    static func name(of error: any Error) -> String {
        let type = type(of: error)
        let identifier = ObjectIdentifier(type)
        if let known = names.withLock({ $0[identifier] }) { return known }
        let qualified = String(reflecting: type)
        let name = qualified.contains("(unknown context at ") ? String(describing: type) : qualified
        names.withLock { if $0.count < maximumCount { $0[identifier] = name } }
        return name
    }
}

extension Attributes {
    /// The type and the message of an error, under the names of the semantic conventions.
    init(describing error: any Error) {
        // Two keys, which need not be compared with each other for each use.
        self.init(unique: [
            (SemanticAttributes.Exception.type, .string(ErrorType.name(of: error))),
            (SemanticAttributes.Exception.message, .string(String(describing: error))),
        ])
    }
}
