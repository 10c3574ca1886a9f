// The parameters of Prometheus' HTTP API.

import ExampleSupport
import Telemetry

/// The parameters of a request, of its query and of its form.
struct PromQLParameters {
    private let pairs: [(name: String, value: String)]

    /// Bytes of a form that are read.
    private static let maximumFormBytes = 1 << 20

    init(_ request: ServiceRequest) throws(PromQLError) {
        var pairs = ServiceRequest.pairs(of: request.query)
        if request.method == "POST" {
            guard request.body.count <= Self.maximumFormBytes else {
                throw .badData("the form is longer than \(Self.maximumFormBytes) bytes")
            }
            pairs = ServiceRequest.pairs(of: request.text[...]) + pairs
        }
        self.pairs = pairs
    }

    /// The first value of that name; nil if there is none or it is empty.
    subscript(name: String) -> String? { pairs.first { $0.name == name && !$0.value.isEmpty }?.value }

    func required(_ name: String) throws(PromQLError) -> String {
        guard let value = self[name] else { throw Self.invalid(name, "it is missing") }
        return value
    }

    /// The selectors of `match[]`.
    func selectors() throws(PromQLError) -> [[LabelMatcher]] {
        var selectors: [[LabelMatcher]] = []
        for pair in pairs where pair.name == "match[]" {
            do throws(PromQLError) { selectors.append(try PromQLParser.matchers(pair.value)) } catch {
                throw Self.invalid("match[]", error.message(for: pair.value))
            }
        }
        return selectors
    }

    static func invalid(_ name: String, _ reason: String) -> PromQLError { .badData("invalid parameter \"\(name)\": \(reason)") }

    /// Returns a time in milliseconds: seconds since 1970, or a date by RFC 3339.
    func time(_ name: String) throws(PromQLError) -> Int64? {
        guard let text = self[name] else { return nil }
        if let seconds = Double(text), seconds.isFinite, seconds.magnitude < 9e12 { return Int64((seconds * 1_000).rounded()) }
        if let time = RFC3339.milliseconds(text) { return time }
        throw Self.invalid(name, "cannot parse \"\(text.prefix(80))\" to a valid timestamp")
    }

    func requiredTime(_ name: String) throws(PromQLError) -> Int64 {
        guard let time = try time(name) else { throw Self.invalid(name, "cannot parse \"\" to a valid timestamp") }
        return time
    }

    /// Returns a duration in milliseconds: seconds, or a text such as `5m`.
    func duration(_ name: String) throws(PromQLError) -> Int64? {
        guard let text = self[name] else { return nil }
        if let seconds = Double(text), seconds.isFinite, seconds.magnitude < 9e12 { return Int64((seconds * 1_000).rounded()) }
        if let tokens = try? PromQLLexer.tokens(of: text), tokens.count == 2, case .duration(let milliseconds) = tokens[0].kind {
            return milliseconds
        }
        throw Self.invalid(name, "cannot parse \"\(text.prefix(80))\" to a valid duration")
    }

    /// Returns how many entries are wanted at most.
    func limit(_ standard: Int) throws(PromQLError) -> Int {
        guard let text = self["limit"] else { return standard }
        guard let limit = Int(text), limit >= 0 else { throw Self.invalid("limit", "it must be a whole number that is not negative") }
        return limit == 0 ? standard : min(limit, standard)
    }
}
