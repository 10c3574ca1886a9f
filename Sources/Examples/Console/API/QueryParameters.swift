// The parameters of queries, checked.

import ExampleSupport
import Telemetry

/// The parameters of one request; one that the route does not know is an error, so that nothing is ignored in silence.
struct QueryParameters {
    private let values: [String: String]
    private let now: UInt64

    init(_ request: ServiceRequest, _ known: [String], now: Timestamp) throws(APIError) {
        var values: [String: String] = [:]
        for (name, value) in ServiceRequest.pairs(of: request.query) {
            guard known.contains(name) else {
                let names = known.isEmpty ? "there are none here" : "it is one of \(known.joined(separator: ", "))"
                throw APIError(message: "There is no parameter \"\(name.prefix(80))\"; \(names).")
            }
            guard values[name] == nil else { throw APIError(message: "The parameter \(name) is given twice.") }
            values[name] = value
        }
        self.values = values
        self.now = now.nanosecondsSinceEpoch
    }

    /// The value of a parameter; nil if it is absent or empty.
    subscript(name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    func required(_ name: String) throws(APIError) -> String {
        guard let value = self[name] else { throw APIError(message: "The parameter \(name) is missing.") }
        return value
    }

    func number(_ name: String, default standard: Int, in range: ClosedRange<Int>) throws(APIError) -> Int {
        guard let text = self[name] else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw APIError(
                message: "\(name) is \"\(text.prefix(80))\"; it must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// The times from `from` to `to`.
    func window() throws(APIError) -> TimeWindow {
        let window = TimeWindow(from: try time("from") ?? 0, to: try time("to") ?? .max)
        guard window.from < window.to else { throw APIError(message: "from must be before to.") }
        return window
    }

    private func time(_ name: String) throws(APIError) -> UInt64? {
        guard let text = self[name] else { return nil }
        if let time = QueryTime.read(text, now: now) { return time }
        throw APIError(
            message:
                "\(name) is \"\(text.prefix(80))\"; it must be nanoseconds since 1970, now, or a time before now such as -15m, -2h or -1d.")
    }

    /// The form of a list in `format`.
    func format() throws(APIError) -> ListFormat {
        guard let text = self["format"] else { return .json }
        guard let format = ListFormat(rawValue: text) else {
            throw APIError(message: "format is \"\(text.prefix(80))\"; it must be json or csv.")
        }
        return format
    }

    /// The search in `q`.
    func search(_ signal: SearchSignal) throws(APIError) -> SearchTerm {
        do throws(SearchError) {
            return try SearchParser.parse(values["q"] ?? "", signal)
        } catch {
            throw APIError(message: error.message, column: error.column)
        }
    }

    /// The search in `q`, which the log store is to answer.
    func storeSearch() throws(APIError) -> SearchTerm {
        let term = try search(.logs)
        try LogStore.check(term, in: values["q"] ?? "")
        return term
    }

    /// The place in `before`, where a list goes on.
    func place() throws(APIError) -> ListPlace? {
        guard let text = self["before"] else { return nil }
        guard let place = ListPlace(text) else {
            throw APIError(message: "before is \"\(text.prefix(80))\"; it must be the value of next in the page before this one.")
        }
        return place
    }
}
