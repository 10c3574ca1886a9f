// The attributes of failures and the places in code that they name: written by Documentation/Conventions/generate.py.

extension SemanticAttributes {
    /// The keys `error.*`.
    public enum Error {
        /// The class of failure, with few values; left out on success. (String, stable.)
        @inlinable public static var type: String { "error.type" }
    }

    /// The keys `exception.*`.
    public enum Exception {
        /// The type of the exception. (String, stable.)
        @inlinable public static var type: String { "exception.type" }

        /// The message of the exception. (String, stable.)
        @inlinable public static var message: String { "exception.message" }

        /// The stack trace as the language prints it. (String, stable.)
        @inlinable public static var stacktrace: String { "exception.stacktrace" }
    }

    /// The keys `code.*`.
    public enum Code {
        /// The function with its module and type. (String, stable.)
        @inlinable public static var functionName: String { "code.function.name" }

        /// The path of the source file. (String, stable.)
        @inlinable public static var filePath: String { "code.file.path" }

        /// The line in the source file. (Int, stable.)
        @inlinable public static var lineNumber: String { "code.line.number" }

        /// The column in the line. (Int, stable.)
        @inlinable public static var columnNumber: String { "code.column.number" }

        /// The stack at this place. (String, stable.)
        @inlinable public static var stacktrace: String { "code.stacktrace" }
    }
}
