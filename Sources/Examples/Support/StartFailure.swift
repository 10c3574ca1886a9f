// The error that ends a program before it serves anything.

/// The reason why a service cannot start: a message that says what to do, and the exit status.
package struct StartFailure: Error, Sendable, CustomStringConvertible {
    /// The exit statuses of `sysexits.h`, which supervisors know.
    package enum Kind: Int32, Sendable {
        case usage = 64
        case unavailable = 69
        case software = 70
        case configuration = 78
    }

    package let kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
