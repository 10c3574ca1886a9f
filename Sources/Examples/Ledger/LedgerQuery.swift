// What a request asks the ledger for.

import ExampleSupport

/// The conditions of a query, all of which hold for what it finds.
struct LedgerQuery: Sendable {
    static let defaultLimit = 100
    static let limits = 1...1000
    private static let parameters = ["ship", "port", "outcome", "trace_id", "from", "to", "limit", "cursor"]

    private(set) var conditions: [String] = []
    private(set) var values: [DatabaseValue] = []
    let limit: Int

    /// Reads the parameters; an unknown one is refused, since a misspelt one would find more than was asked for.
    ///
    /// - Parameter isPaged: whether there may be `limit` and `cursor`.
    init(_ request: ServiceRequest, isPaged: Bool) throws(Refusal) {
        let known = isPaged ? Self.parameters : Array(Self.parameters.prefix(6))
        for pair in request.query.split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            guard known.contains(String(name)) else {
                throw Refusal("unknown parameter \"\(name)\"; known are \(known.joined(separator: ", "))", key: "error")
            }
        }
        let limitText = request.queryParameter("limit")
        let limit = limitText.map { Int($0) } ?? Self.defaultLimit
        guard let limit, Self.limits.contains(limit) else {
            throw Refusal("limit must be from \(Self.limits.lowerBound) to \(Self.limits.upperBound)", key: "error")
        }
        self.limit = limit
        for column in ["ship", "port", "trace_id"] {
            guard let text = request.queryParameter(column) else { continue }
            // PostgreSQL's texts cannot hold it, and no event has it.
            guard !text.utf8.contains(0) else { throw Refusal("\(column) must not contain the character NUL", key: "error") }
            add("\(column) = ?", .text(text))
        }
        if let text = request.queryParameter("outcome") {
            guard SpaceportEvent.Outcome(rawValue: text) != nil else {
                throw Refusal("outcome must be docked, separated or refused", key: "error")
            }
            add("outcome = ?", .text(text))
        }
        try add("from", "time >= ?", request)
        try add("to", "time < ?", request)
        if let text = request.queryParameter("cursor") {
            let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard numbers.count == 2, let time = numbers[0], let position = numbers[1] else {
                throw Refusal("cursor must be one that an answer had", key: "error")
            }
            add("(time, position) > (?, ?)", DatabaseValue(time), DatabaseValue(position))
        }
    }

    /// The conditions as SQL; empty without any.
    var filter: String { conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ") }

    private mutating func add(_ name: String, _ condition: String, _ request: ServiceRequest) throws(Refusal) {
        guard let text = request.queryParameter(name) else { return }
        guard let time = LedgerTime(text) else {
            throw Refusal("\(name) must be a time, as \"2026-01-17T09:30:00Z\", or nanoseconds since 1970", key: "error")
        }
        add(condition, DatabaseValue(time.nanoseconds))
    }

    /// Adds a condition in which each `?` stands for one of the values.
    private mutating func add(_ condition: String, _ more: DatabaseValue...) {
        var (text, rest) = ("", more[...])
        for character in condition {
            if character == "?", let value = rest.popFirst() {
                values.append(value)
                text += "$\(values.count)"
            } else {
                text.append(character)
            }
        }
        conditions.append(text)
    }
}
