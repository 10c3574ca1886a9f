// What the type of an error is called in telemetry.

/// What the type of an error is called in telemetry.
enum ErrorType {
    /// The type with its module; a private type goes by its own name, since its full one holds an address.
    static func name(of error: any Error) -> String {
        let qualified = String(reflecting: type(of: error))
        return qualified.contains("(unknown context at ") ? String(describing: type(of: error)) : qualified
    }
}

extension Attributes {
    /// The type and the message of an error, under the names of the semantic conventions.
    init(describing error: any Error) {
        self = ["exception.type": .string(ErrorType.name(of: error)), "exception.message": .string("\(error)")]
    }
}
