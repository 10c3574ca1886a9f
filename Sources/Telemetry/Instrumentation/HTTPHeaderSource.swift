// Where the headers of a request are read.

/// The headers of a request that a server received.
enum HTTPHeaderSource: Sendable {
    /// Those that the server of this library has read: one is found without an array of its values.
    case fields(HTTPHeaders)
    /// Those of any framework: returns all values of a header by its lower-case name.
    case lookup(@Sendable (_ name: String) -> [String])

    /// All values of a header by its lower-case name, as a function.
    var lookup: @Sendable (_ name: String) -> [String] {
        switch self {
        case .fields(let fields): { fields.values(named: $0) }
        case .lookup(let values): values
        }
    }

    func values(_ name: String) -> [String] {
        switch self {
        case .fields(let fields): fields.values(named: name)
        case .lookup(let values): values(name)
        }
    }

    func first(_ name: String) -> String? {
        switch self {
        case .fields(let fields): fields[name]
        case .lookup(let values): values(name).first
        }
    }

    /// The host that was asked for, with its port: `:authority` of HTTP/2 and 3, or else `Host`.
    var host: String? {
        switch self {
        case .fields(let fields): fields["host"]
        case .lookup(let values): values(":authority").first ?? values("host").first
        }
    }

    /// Whether there are no headers of proxies.
    var isDirect: Bool {
        switch self {
        case .fields(let fields): !fields.areForwarded
        case .lookup(let values): Self.forwardedNames.allSatisfy { values($0).isEmpty }
        }
    }

    private static let forwardedNames = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"]

    /// The headers of proxies; nil if there are none.
    var forwarded: ForwardedHeaders? { isDirect ? nil : ForwardedHeaders(values) }
}
