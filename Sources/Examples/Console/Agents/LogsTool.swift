// The tool that searches log records.

import ExampleSupport
import Telemetry

/// Answers `log_search`.
struct LogsTool: Sendable {
    let stores: SignalStores
    let logStore: LogStore?

    var tool: AgentTool {
        AgentTool(
            name: "log_search", title: "Search log records",
            description:
                "Searches log records, newest first, and counts them by severity and service. Words, \"phrases\", begin*, service:shop, severity>=warn, "
                + "trace=…, key=value, OR, -not; side by side they must all hold.",
            parameters: [
                AgentParameter(
                    name: "query", kind: .text(maximum: AgentParameter.maximumQuery), description: "The search; all records without it."),
                AgentTools.from,
                AgentTools.to,
                AgentParameter(name: "limit", kind: .integer(1...100), description: "Records that are listed; 20 without it."),
                AgentParameter(
                    name: "before", kind: .text(maximum: 80), description: "Where the list goes on: next_page of the answer before."),
            ]
        ) { arguments throws(AgentArguments.Problem) in try answer(arguments) }
    }

    private func answer(_ arguments: AgentArguments) throws(AgentArguments.Problem) -> String {
        let window = try arguments.window(from: arguments.now - min(arguments.now, AgentTools.usualWindow))
        let query = arguments.text("query") ?? ""
        let term: SearchTerm
        do throws(SearchError) { term = try SearchParser.parse(query, .logs) } catch {
            throw AgentArguments.Problem(message: "query: \(error.message) (column \(error.column))")
        }
        var place: ListPlace?
        if let text = arguments.text("before") {
            place = ListPlace(text)
            guard place != nil else { throw AgentArguments.Problem(message: "before must be next_page of the answer before this one.") }
        }
        let limit = arguments.number("limit") ?? 20
        let found: (result: LogSearch.Result, blocks: [LogBlock])
        let volume: LogSearch.Volume
        if let logStore {
            do throws(APIError) {
                try LogStore.check(term, in: query)
                found = try logStore.newest(term, window, limit, before: place, within: arguments.remaining)
                volume = try logStore.volume(term, window, steps: 10, within: arguments.remaining)
            } catch {
                throw AgentArguments.Problem(message: "query: \(error.message)")
            }
        } else {
            let search = LogSearch(blocks: stores.logs.blocks, term: term, window: window, runs: stores.runNames)
            found = (search.newest(limit, before: place, within: arguments.remaining), search.blocks)
            volume = search.volume(steps: 10, now: arguments.now, within: arguments.remaining)
        }
        return write(found.result, found.blocks, volume, arguments, window)
    }

    private func write(
        _ result: LogSearch.Result, _ blocks: [LogBlock], _ volume: LogSearch.Volume, _ arguments: AgentArguments, _ window: TimeWindow
    ) -> String {
        var answer = AgentAnswer()
        answer.say("matched", .integer(Int64(volume.total)))
        if result.isPartial || volume.isPartial { answer.say("partial", true) }
        if let next = result.next { answer.say("next_page", .string(next.text)) }
        answer.say("over_time", .array(volume.counts.map { .integer(Int64($0.reduce(0, +))) }))
        let services = volume.services.sorted { ($1.value.reduce(0, +), $0.key) < ($0.value.reduce(0, +), $1.key) }
        answer.list("by_service", services.prefix(10).map { Self.row($0.key, $0.value) }, total: services.count)
        answer.list("records", result.records.map { row(blocks[$0.block], $0.row) })
        let traces = result.records.map { blocks[$0.block].traceKey($0.row) }.filter { $0.high | $0.low != 0 }
        for trace in traces.prefix(2) { answer.offer("trace_summary", ["trace_id": .string(trace.text)], "the trace of a record") }
        let query = arguments.text("query")
        if let next = result.next {
            answer.offer(
                "log_search",
                [
                    "query": query.map { .string($0) }, "from": AgentAnswer.time(window.from),
                    "limit": arguments.number("limit").map { .integer(Int64($0)) }, "before": .string(next.text),
                ],
                "older records")
        }
        if volume.total == 0 {
            answer.offer("log_search", ["query": query.map { .string($0) }, "from": "-1d"], "there is none in this time; a day has more")
        }
        answer.offer("services", [:], "what has become worse")
        return answer.text
    }

    static func row(_ service: String, _ counts: [Int]) -> JSONValue {
        var members: [JSONObject.Member] = [.init(key: "service", value: AgentAnswer.string(service, limit: 120))]
        for (name, count) in zip(SearchCondition.severities, counts) where count > 0 {
            members.append(.init(key: name, value: .integer(Int64(count))))
        }
        return .object(JSONObject(members))
    }

    private func row(_ block: LogBlock, _ row: Int) -> JSONValue {
        let severity = Int(block.severity[row])
        var members: [JSONObject.Member] = [
            .init(key: "time", value: AgentAnswer.time(block.time[row])),
            .init(key: "severity", value: .string(severity == 0 ? "" : SearchCondition.severities[min(5, (severity - 1) / 4)])),
            .init(key: "service", value: AgentAnswer.string(block.serviceName(row), limit: 120)),
        ]
        let (body, attributes) = block.withMessage(row) { message in
            (try? LogStoreRow(message, arrival: .max, origin: 0)).map { ($0.body, $0.attributes) } ?? ("", "")
        }
        members.append(.init(key: "body", value: AgentAnswer.string(body)))
        if !attributes.isEmpty { members.append(.init(key: "attributes", value: AgentAnswer.string(attributes))) }
        let key = block.traceKey(row)
        if key.high | key.low != 0 { members.append(.init(key: "trace_id", value: .string(key.text))) }
        return .object(JSONObject(members))
    }
}
