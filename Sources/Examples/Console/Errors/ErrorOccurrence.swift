// One error that has happened, whatever reported it.

/// An exception of a span, of a log record, or of a program with an error reporter.
struct ErrorOccurrence: Sendable {
    /// Bounds of what is kept of one.
    static let maximumMessage = 1_024
    static let maximumStack = 8_192
    static let maximumContexts = 48
    static let maximumContextText = 512

    /// What reported it.
    enum Source: Sendable { case span, record }

    var source = Source.span
    var type = ""
    var message = ""
    /// The stack trace as text, the newest call wherever its language writes it.
    var stack = ""
    var service = ""
    var release = ""
    var environment = ""
    /// The affected user by the chosen attribute.
    var user = ""
    /// What its sender groups by in place of type, frames and message.
    var fingerprint = ""
    /// Nanoseconds since 1970.
    var time: UInt64 = 0
    var traceID = ""
    var spanID = ""
    /// The identifier by which feedback is given: that of the event, or of the trace.
    var eventID = ""
    /// The name of the span or logger.
    var place = ""
    var isHandled: Bool?
    /// Further attributes, which say what the program was at.
    var contexts: [(name: String, value: String)] = []

    /// Shortens what is too long.
    mutating func bound() {
        type = Self.cut(type, 256)
        message = Self.cut(message, Self.maximumMessage)
        stack = Self.cut(stack, Self.maximumStack)
        (service, release, environment) = (Self.cut(service, 128), Self.cut(release, 128), Self.cut(environment, 128))
        (user, place, fingerprint, eventID) = (Self.cut(user, 128), Self.cut(place, 256), Self.cut(fingerprint, 256), Self.cut(eventID, 64))
        contexts = contexts.prefix(Self.maximumContexts).map { (Self.cut($0.name, 128), Self.cut($0.value, Self.maximumContextText)) }
    }

    private static func cut(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        return String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…"
    }

    /// The memory that it takes, about.
    var byteCount: Int {
        256 + message.utf8.count + stack.utf8.count + contexts.reduce(0) { $0 + 64 + $1.name.utf8.count + $1.value.utf8.count }
    }
}
