// The parameters of Jaeger's search, as searches of the console.

import ExampleSupport
import Telemetry

/// Reads what Jaeger's clients ask for.
enum JaegerSearch {
    /// Returns the identifiers that are asked for by name.
    static func traceIDs(_ request: ServiceRequest) -> [String] {
        request.query.split(separator: "&").compactMap { pair in
            pair.hasPrefix("traceID=") ? String(pair.dropFirst("traceID=".count)) : nil
        }
    }

    static func withoutTraceIDs(_ request: ServiceRequest) -> ServiceRequest {
        var request = request
        let rest = request.query.split(separator: "&").filter { !$0.hasPrefix("traceID=") }
        request.target = request.path + (rest.isEmpty ? "" : "?" + rest.joined(separator: "&"))
        return request
    }

    static func term(_ parameters: QueryParameters) throws(APIError) -> SearchTerm {
        var terms: [SearchTerm] = [.condition(SearchCondition(.service, .equal, try parameters.required("service")))]
        if let operation = parameters["operation"], operation != "all" {
            terms.append(.condition(SearchCondition(.name, .equal, operation)))
        }
        for (name, comparison) in [("minDuration", SearchCondition.Comparison.greaterOrEqual), ("maxDuration", .lessOrEqual)] {
            guard let text = parameters[name] else { continue }
            do throws(SearchValueError) {
                terms.append(.condition(try SearchCondition.checked(.duration, comparison, text, .traces)))
            } catch {
                throw APIError(message: "\(name): \(error.message)")
            }
        }
        guard let text = parameters["tags"] else { return .all(terms) }
        guard let value = try? JSONValue(parsing: Array(text.utf8)), case .object(let tags) = value else {
            throw APIError(message: "tags must be a JSON object of texts.")
        }
        for tag in tags.members {
            guard let text = tag.value.stringValue else { throw APIError(message: "The value of the tag \"\(tag.key)\" must be a text.") }
            terms.append(condition(tag.key, text))
        }
        return .all(terms)
    }

    /// Returns the condition of a tag; some tags of Jaeger are no attributes of OTLP.
    private static func condition(_ key: String, _ text: String) -> SearchTerm {
        switch (key, text) {
        case ("error", "true"): .condition(SearchCondition(.status, .equal, "error", number: 2))
        case ("error", "false"): .condition(SearchCondition(.status, .notEqual, "error", number: 2))
        case ("span.kind", _):
            .condition(
                SearchCondition(.kind, .equal, text, number: SearchCondition.kinds.firstIndex(of: text).map(Double.init) ?? 15))
        default: .condition(SearchCondition(.attribute(key), .equal, text))
        }
    }

    /// Returns the time from `start` to `end`, which are microseconds since 1970.
    static func window(_ parameters: QueryParameters) throws(APIError) -> TimeWindow {
        let from = try time("start", parameters, unit: 1_000) ?? 0
        let to = try time("end", parameters, unit: 1_000) ?? .max
        guard from < to else { throw APIError(message: "start must be before end.") }
        return TimeWindow(from: from, to: to)
    }

    /// Returns the time until `endTs`, `lookback` long; both are milliseconds.
    static func dependencyWindow(_ parameters: QueryParameters, now: UInt64) throws(APIError) -> TimeWindow {
        let end = try time("endTs", parameters, unit: 1_000_000) ?? now
        let length = try time("lookback", parameters, unit: 1_000_000) ?? 86_400_000_000_000
        return TimeWindow(from: end > length ? end - length : 0, to: max(end, 1))
    }

    private static func time(_ name: String, _ parameters: QueryParameters, unit: UInt64) throws(APIError) -> UInt64? {
        guard let text = parameters[name] else { return nil }
        guard let number = UInt64(text) else {
            throw APIError(
                message:
                    "\(name) is \"\(text.prefix(80))\"; it must be a whole number of \(unit == 1_000 ? "microseconds" : "milliseconds").")
        }
        let (nanoseconds, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? .max : nanoseconds
    }
}
