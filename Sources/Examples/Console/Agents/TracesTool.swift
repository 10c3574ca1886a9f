// The tool that finds traces.

import ExampleSupport
import Telemetry

/// Answers `find_traces`.
struct TracesTool: Sendable {
    /// The newest traces that match, of which those that are shown are chosen.
    private static let looked = 300

    let stores: SignalStores

    var tool: AgentTool {
        AgentTool(
            name: "find_traces", title: "Find traces",
            description:
                "Finds traces by service, operation, errors, duration or a search such as: http.route=\"/albums\" duration>50ms -name:health. "
                + "Says where their errors are.",
            parameters: [
                AgentTools.service,
                AgentParameter(
                    name: "operation", kind: .text(maximum: AgentParameter.maximumName),
                    description: "The name of a span that a trace must have."),
                AgentParameter(name: "errors_only", kind: .truth, description: "Only traces in which a span of the service has failed."),
                AgentParameter(
                    name: "min_duration_ms", kind: .integer(0...86_400_000),
                    description: "The least duration of a span of the service, in milliseconds."),
                AgentParameter(
                    name: "query", kind: .text(maximum: AgentParameter.maximumQuery),
                    description: "A further search in the console's language."),
                AgentParameter(
                    name: "sort", kind: .choice(["newest", "slowest", "spans"]),
                    description:
                        "What comes first, of the newest 300 that match: newest without it; spans puts those with the most spans first."),
                AgentParameter(name: "limit", kind: .integer(1...50), description: "Traces that are listed; 10 without it."),
                AgentTools.from,
                AgentTools.to,
            ]
        ) { arguments throws(AgentArguments.Problem) in try answer(arguments) }
    }

    private func answer(_ arguments: AgentArguments) throws(AgentArguments.Problem) -> String {
        let now = arguments.now
        let window = try arguments.window(from: now - min(now, AgentTools.usualWindow))
        let search = TraceSearch(
            blocks: stores.spans.blocks, term: try term(arguments), window: window, runs: stores.runNames, evicted: stores.spans.evicted)
        let result = search.newest(Self.looked, before: nil, within: arguments.remaining)
        var traces = result.traces
        let sort = arguments.text("sort") ?? "newest"
        if sort == "slowest" { traces.sort { ($0.duration, $0.start) > ($1.duration, $1.start) } }
        if sort == "spans" { traces.sort { ($0.spans, $0.start) > ($1.spans, $1.start) } }
        var answer = AgentAnswer()
        answer.say("matched", .integer(Int64(result.matched)))
        if result.isPartial { answer.say("partial", true) }
        let shown = traces.prefix(arguments.number("limit") ?? 10)
        let places = errorPlaces(traces, arguments.text("service"))
        answer.list("error_places", places.prefix(5).map(\.row))
        answer.list("traces", shown.map(row), total: traces.count)
        if let most = places.first, arguments.isTrue("errors_only") {
            answer.offer("trace_summary", ["trace_id": .string(most.trace.text)], "the newest trace with the most frequent error")
        } else if let typical = sort == "spans" ? traces.first : traces.isEmpty ? nil : traces[traces.count / 2] {
            // The slowest one of all is often slow for a reason of its own.
            answer.offer("trace_summary", ["trace_id": .string(typical.key.text)], "a typical one of those that match")
        }
        if let first = shown.first { answer.offer("trace_summary", ["trace_id": .string(first.key.text)], "the first of the list") }
        if traces.isEmpty {
            answer.offer(
                "find_traces", ["service": arguments.text("service").map { .string($0) }, "from": "-1d"],
                "there is none in this time; a day has more")
            answer.offer("services", ["from": "-1d"], "the services of the last day")
        } else if let last = traces.last, result.next != nil {
            answer.offer(
                "find_traces",
                [
                    "service": arguments.text("service").map { .string($0) }, "from": AgentAnswer.time(window.from),
                    "to": AgentAnswer.time(last.start),
                ],
                "more, from before")
        }
        return answer.text
    }

    /// Returns the search of the arguments.
    private func term(_ arguments: AgentArguments) throws(AgentArguments.Problem) -> SearchTerm {
        var terms: [SearchTerm] = []
        if let service = arguments.text("service") { terms.append(.condition(SearchCondition(.service, .equal, service))) }
        if let name = arguments.text("operation") { terms.append(.condition(SearchCondition(.name, .equal, name))) }
        if arguments.isTrue("errors_only") { terms.append(.condition(SearchCondition(.status, .equal, "error", number: 2))) }
        if let least = arguments.number("min_duration_ms"), least > 0 {
            terms.append(.condition(SearchCondition(.duration, .greaterOrEqual, "\(least)ms", number: Double(least) * 1e6)))
        }
        if let query = arguments.text("query") {
            do throws(SearchError) { terms.append(try SearchParser.parse(query, .traces)) } catch {
                throw AgentArguments.Problem(message: "query: \(error.message) (column \(error.column))")
            }
        }
        return terms.isEmpty ? .everything : terms.count == 1 ? terms[0] : .all(terms)
    }

    private struct ErrorPlace {
        let trace: TraceKey
        let row: JSONValue
    }

    /// Returns where the errors of the traces begin, the most frequent place first.
    private func errorPlaces(_ traces: [TraceSummary], _ service: String?) -> [ErrorPlace] {
        struct Place: Hashable {
            let service: String
            let span: String
            let message: String
        }
        let failed = traces.filter { $0.errors > 0 }.prefix(100)
        guard !failed.isEmpty else { return [] }
        var counts: [Place: (count: Int, newest: UInt64, trace: TraceKey)] = [:]
        for trace in TraceSpans.collect(failed.map(\.key), stores.spans.blocks, evicted: stores.spans.evicted) {
            let path = TracePath(trace)
            var seen = Set<Place>()
            for span in path.failures.prefix(20) {
                let message =
                    path.details(span).last { ["status_message", "exception.message", "error.type"].contains($0.key) }?.value ?? ""
                let place = Place(service: path.service(span), span: path.name(span), message: ErrorFingerprint.normalized(message))
                guard seen.insert(place).inserted else { continue }
                let start = trace.start(trace.places[span])
                let known = counts[place] ?? (0, 0, trace.key)
                counts[place] = (known.count + 1, max(known.newest, start), start >= known.newest ? trace.key : known.trace)
            }
        }
        return counts.sorted { ($1.value.count, $0.key.service, $0.key.span) < ($0.value.count, $1.key.service, $1.key.span) }.map {
            place, found in
            ErrorPlace(
                trace: found.trace,
                row: [
                    "service": AgentAnswer.string(place.service), "span": AgentAnswer.string(place.span),
                    "message": AgentAnswer.string(place.message),
                    "traces": .integer(Int64(found.count)),
                ])
        }
    }

    private func row(_ trace: TraceSummary) -> JSONValue {
        [
            "trace_id": .string(trace.key.text), "start": AgentAnswer.time(trace.start),
            "duration_ms": AgentAnswer.milliseconds(trace.duration),
            "root": AgentAnswer.string("\(trace.service): \(trace.name)"),
            "services": .array(trace.services.prefix(8).map { AgentAnswer.string($0.name, limit: 80) }),
            "spans": .integer(Int64(trace.spans)), "errors": .integer(Int64(trace.errors)),
        ]
    }
}
