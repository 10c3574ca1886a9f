// Attributes that describe errors: `error.type` and `exception.type`.

/// Names the types of errors for telemetry.
enum ErrorType {
    /// Returns the type with its module; a private type without, since its full name contains an address.
    static func name(of error: any Error) -> String {
        let qualified = String(reflecting: type(of: error))
        return qualified.contains("(unknown context at ") ? String(describing: type(of: error)) : qualified
    }
}

extension Attributes {
    /// The type and the message of an error, under the names of the semantic conventions.
    init(describing error: any Error) {
        self = [
            SemanticAttributes.Exception.type: .string(ErrorType.name(of: error)),
            SemanticAttributes.Exception.message: .string("\(error)"),
        ]
    }
}
