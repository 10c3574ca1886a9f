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

    /// True if it is certain that there are no headers of proxies.
    var isDirect: Bool {
        guard case .fields(let fields) = self else { return false }
        return !fields.areForwarded
    }

    /// The headers of proxies; nil if it is certain that there are none.
    var forwarded: ForwardedHeaders? { isDirect ? nil : ForwardedHeaders(values) }
}
