// The trace state API, with its mutation rules.

/// The vendor data that is propagated with a trace: an immutable list of members that is always valid.
///
/// Keys and values follow W3C Trace Context Level 2. (Specification: trace API, "TraceState".)
public struct TraceState: Sendable, Hashable {
    /// The header value, without spaces, empty members and repeated keys.
    private let text: String

    /// The limit of the header: far more than the 512 characters that must be propagated.
    static let maximumHeaderLength = 8192

    /// The state without members.
    public static var empty: TraceState { TraceState() }

    private init() {
        text = ""
    }

    /// Takes the text of a header, which must be valid and canonical.
    init(validText: String) {
        text = validText
    }

    /// Takes the values of all `tracestate` headers in order; nil if they are not a valid list.
    ///
    /// Empty members are ignored, and a repeated key keeps its first member. More than 32 members, or a malformed member, make the
    /// whole list invalid.
    public init?(headerValues: some Sequence<String>) {
        self.init(headerValue: headerValues.joined(separator: ","))
    }

    /// Takes the value of a single `tracestate` header; nil if it is not a valid list.
    public init?(headerValue text: String) {
        switch TraceStateGrammar.check(text) {
        case .invalid: return nil
        case .canonical: self.init(validText: text)
        case .valid: self.init(validMembers: TraceStateGrammar.members(of: text))
        }
    }

    /// Takes members in order; invalid ones are reported and dropped, those after the 32nd are dropped.
    init(members: [(key: String, value: String)]) {
        self.init(validMembers: members.filter { Self.isValid(key: $0.key, value: $0.value) })
    }

    private init(validMembers: [(key: String, value: String)]) {
        var kept: [(key: String, value: String)] = []
        for member in validMembers
        where kept.count < TraceStateGrammar.maximumMemberCount && !kept.contains(where: { $0.key == member.key }) {
            kept.append(member)
        }
        self.init(validText: Self.text(of: kept))
    }

    /// True if there are no members.
    @inline(__always)
    public var isEmpty: Bool { text.isEmpty }

    /// The members, the most recently changed one first.
    public var members: [(key: String, value: String)] {
        isEmpty ? [] : TraceStateGrammar.members(of: text)
    }

    /// The value for a key; nil if there is none.
    public subscript(key: String) -> String? {
        isEmpty ? nil : TraceStateGrammar.value(for: key, in: text)
    }

    /// The text of the `tracestate` header.
    ///
    /// Whole members are dropped from a text over 8192 characters: first those longer than 128, then the right-most.
    /// (W3C Trace Context, "tracestate Limits".)
    public var headerValue: String {
        text.utf8.count <= Self.maximumHeaderLength ? text : headerValue(maximumLength: Self.maximumHeaderLength)
    }

    func headerValue(maximumLength: Int) -> String {
        var kept = members
        // Each member counts with the comma before it; the first has none.
        var length = kept.reduce(-1) { $0 + Self.length(of: $1) + 1 }
        while length > maximumLength, !kept.isEmpty {
            let place = kept.lastIndex { Self.length(of: $0) > 128 } ?? kept.count - 1
            length -= Self.length(of: kept.remove(at: place)) + 1
        }
        return Self.text(of: kept)
    }

    private static func length(of member: (key: String, value: String)) -> Int {
        member.key.utf8.count + 1 + member.value.utf8.count
    }

    private static func text(of members: [(key: String, value: String)]) -> String {
        members.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}

extension TraceState {
    /// Returns the state with another value for a key, which moves to the left; a 33rd member drops the right-most.
    ///
    /// A malformed key or value is reported and ignored.
    public func setting(_ key: String, to value: String) -> TraceState {
        guard Self.isValid(key: key, value: value) else { return self }
        return TraceState(validMembers: [(key, value)] + members)
    }

    /// Returns the state without a key.
    public func removing(_ key: String) -> TraceState {
        guard self[key] != nil else { return self }
        return TraceState(validMembers: members.filter { $0.key != key })
    }

    private static func isValid(key: String, value: String) -> Bool {
        guard TraceStateGrammar.isKey(key) else {
            Diagnostics.report(
                .warning, topic: "tracestate.key",
                "A tracestate key was left out: it has up to 256 of a-z 0-9 _ - * / @ and starts with a letter or digit.")
            return false
        }
        guard TraceStateGrammar.isValue(value) else {
            Diagnostics.report(
                .warning, topic: "tracestate.value",
                "The tracestate value for \(key) was left out: it has up to 256 printable ASCII characters, "
                    + "none of them a comma or an equals sign, and does not end in a space.")
            return false
        }
        return true
    }
}

extension TraceState: CustomStringConvertible {
    /// The text of the `tracestate` header.
    public var description: String { headerValue }
}
