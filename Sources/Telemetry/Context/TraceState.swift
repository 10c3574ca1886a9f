// The vendor data that travels with a trace: W3C tracestate.

/// The vendor data that travels with a trace, as an immutable list of members.
public struct TraceState: Sendable, Hashable {
    /// No members is nil, so that the common case costs no reference count.
    private let storage: Storage?

    private final class Storage: Sendable {
        let members: [(key: String, value: String)]

        init(_ members: [(key: String, value: String)]) {
            self.members = members
        }
    }

    init(members: [(key: String, value: String)]) {
        storage = members.isEmpty ? nil : Storage(members)
    }

    init?(headerValue: String) { return nil }

    /// The state without members.
    public static let empty = TraceState(members: [])

    /// Whether there are no members.
    @inline(__always)
    public var isEmpty: Bool { storage == nil }

    /// The members, the most recently changed one first.
    public var members: [(key: String, value: String)] { storage?.members ?? [] }

    /// The text of the `tracestate` header, without spaces.
    public var headerValue: String { members.map { "\($0.key)=\($0.value)" }.joined(separator: ",") }

    public static func == (left: TraceState, right: TraceState) -> Bool {
        left.storage === right.storage || left.members.elementsEqual(right.members, by: ==)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(headerValue)
    }
}
