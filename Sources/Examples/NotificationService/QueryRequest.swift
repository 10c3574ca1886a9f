// The requests of the query protocol.

import ExampleSupport
import Telemetry

/// The parameters of a request, from its form or from its URL.
struct QueryRequest: Sendable {
    private let fields: [String: String]
    /// The host that the client has called.
    let host: String

    init(_ request: ServiceRequest) {
        let pairs = request.method == "POST" ? ServiceRequest.pairs(of: request.text[...]) : ServiceRequest.pairs(of: request.query)
        fields = Dictionary(pairs.map { ($0.name, $0.value) }) { first, _ in first }
        host = request.headers["Host"] ?? "localhost"
    }

    /// The value of a parameter; nil for an empty one too.
    subscript(name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// Throws for a request without an action, and for one with a parameter that could not be stored: databases have no texts with NUL.
    func check() throws(QueryFault) {
        guard self["Action"] != nil else {
            throw QueryFault(status: 400, code: "MissingAction", message: "The request must contain the parameter Action.")
        }
        if let field = fields.first(where: { $0.key.utf8.contains(0) || $0.value.utf8.contains(0) }) {
            throw .invalid("\(field.key.prefix(64).filter { $0 != "\0" }) must not contain the character NUL")
        }
    }

    func required(_ name: String) throws(QueryFault) -> String {
        guard let value = self[name] else { throw .invalid("\(name)") }
        return value
    }

    /// The entries of a map or list, each by what its parameters' names have after `name.entry.1.`.
    func entries(_ name: String) -> [[String: String]] {
        var entries: [[String: String]] = []
        let all = fields.filter { $0.key.hasPrefix("\(name).entry.") }
        while true {
            let prefix = "\(name).entry.\(entries.count + 1)."
            let entry = all.filter { $0.key.hasPrefix(prefix) }
            guard !entry.isEmpty else { return entries }
            entries.append(
                Dictionary(
                    uniqueKeysWithValues: entry.map { (String(Substring($0.key.utf8.dropFirst(prefix.utf8.count))), $0.value) }))
        }
    }

    /// The attributes of a topic or subscription that is made.
    var attributes: [(name: String, value: String)] { entries("Attributes").map { ($0["key"] ?? "", $0["value"] ?? "") } }
}
