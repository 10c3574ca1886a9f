// What keeps a command from being done.

/// The reason why a command was not done, or not known to be. Its texts hold no argument of a command, so that they can be recorded.
package enum RedisError: Error, Sendable, Hashable {
    /// No connection within the deadline, or it broke. A command that was sent may have been done.
    case unavailable(String)
    /// The server's answer is an error: its code, as `WRONGTYPE`, and its text.
    case refused(code: String, String)
    /// Too many commands wait already.
    case overloaded
    /// The task was cancelled before the answer came. The command may have been done.
    case cancelled

    /// Creates the error of a reply, which begins with its code.
    init(reply text: String) {
        self = .refused(code: String(text.prefix { $0 != " " }), text)
    }

    /// The code of the server's answer.
    package var statusCode: String? { if case .refused(let code, _) = self { code } else { nil } }
}

extension RedisError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unavailable(let text), .refused(_, let text): text
        case .overloaded: "too many commands wait for Redis"
        case .cancelled: "the task was cancelled"
        }
    }
}
