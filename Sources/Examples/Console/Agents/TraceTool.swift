// The tool that summarizes one trace.

import ExampleSupport
import Telemetry

/// Answers `trace_summary`.
struct TraceTool: Sendable {
    let stores: SignalStores

    var tool: AgentTool {
        AgentTool(
            name: "trace_summary", title: "Summary of a trace",
            description: "Says what one trace has waited for (its critical path), which spans have failed, and which calls were repeated.",
            parameters: [
                AgentParameter(
                    name: "trace_id", kind: .text(maximum: 32),
                    description: "The 32 hexadecimal digits of a trace, as find_traces lists them.",
                    isRequired: true)
            ]
        ) { arguments throws(AgentArguments.Problem) in try answer(arguments) }
    }

    private func answer(_ arguments: AgentArguments) throws(AgentArguments.Problem) -> String {
        let trace: TraceSpans
        do throws(APIError) { trace = try DataRoutes.trace(arguments.text("trace_id") ?? "", stores) } catch {
            throw AgentArguments.Problem(message: "\(error.message) find_traces lists traces that are kept.")
        }
        let path = TracePath(trace)
        let summary = TraceSummary(trace, runs: stores.runNames)
        var answer = AgentAnswer()
        answer.value(
            "trace",
            [
                "trace_id": .string(trace.key.text), "start": AgentAnswer.time(summary.start),
                "duration_ms": AgentAnswer.milliseconds(summary.duration),
                "root": AgentAnswer.string("\(path.service(path.root)): \(path.name(path.root))"), "spans": .integer(Int64(summary.spans)),
                "errors": .integer(Int64(summary.errors)), "complete": .bool(summary.isComplete),
            ])
        let length = Double(max(1, path.length(path.root)))
        let order = trace.places.indices.filter { path.critical[$0] > 0 }.sorted { (path.critical[$1], $0) < (path.critical[$0], $1) }
        answer.list("critical_path", order.prefix(12).map { row($0, path, length) }, total: order.count)
        let failures = path.failures
        answer.list("failures", failures.prefix(8).map { failure($0, path) }, total: failures.count)
        let repetitions = path.repetitions
        answer.list("repeated_calls", repetitions.prefix(5).map { row($0, path) }, total: repetitions.count)
        conclude(path, order, length, failures, repetitions, &answer)
        if !answer.hasConclusion, let first = order.first {
            answer.offer(
                "snapshot", ["service": .string(path.service(first))],
                "what has changed in the service whose own work takes the longest, its configuration too")
        }
        answer.offer("log_search", ["query": .string("trace=\(trace.key.text)"), "from": "-7d"], "the log records of this trace")
        answer.offer("error_groups", ["service": .string(path.service(failures.first ?? path.root))], "errors of the service")
        return answer.text
    }

    // MARK: What it points to

    private func conclude(
        _ path: TracePath, _ order: [Int], _ length: Double, _ failures: [Int], _ repetitions: [TracePath.Repetition],
        _ answer: inout AgentAnswer
    ) {
        if let most = repetitions.first {
            let failed = most.spans.count(where: path.isError)
            let resent = most.spans.contains { span in path.details(span).contains { $0.key == "http.request.resend_count" } }
            let (first, parent) = (most.spans[0], most.parent)
            let subject =
                "\(path.service(first)) calls \"\(path.name(first))\" \(most.spans.count) times in turn under \"\(path.name(parent))\""
            if failed >= 2 || resent {
                answer.concludes("Retries: \(subject), \(failed) of them failed. Each request is multiplied. \(words(first, path))")
                return
            }
            let share = Double(most.spans.reduce(0) { $0 + path.critical[$1] }) / length
            if share >= 0.5 {
                answer.concludes(
                    "Repeated calls: \(subject), \(Int(share * 100)) % of the trace; one call for all would do. \(words(first, path))")
                return
            }
        }
        if path.isError(path.root) || failures.contains(where: { path.kind($0) == 3 || path.kind($0) == 4 }), let first = failures.first {
            let isCall = path.kind(first) == 3 || path.kind(first) == 4
            answer.concludes(
                "\(path.service(first)): \(isCall ? "the call" : "the operation") \"\(path.name(first))\" fails"
                    + (isCall ? ", and what it calls reports nothing itself. " : ". ") + words(first, path))
            return
        }
        guard let first = order.first else { return }
        let share = Double(path.critical[first]) / length
        let isCall = (path.kind(first) == 3 || path.kind(first) == 4) && path.children[first].isEmpty
        if isCall, share >= 0.5 {
            answer.concludes(
                "\(path.service(first)) waits for \"\(path.name(first))\": \(Int(share * 100)) % of the trace, \(path.critical[first] / 1_000_000) ms. "
                    + words(first, path))
        }
    }

    private func words(_ span: Int, _ path: TracePath) -> String {
        path.details(span).map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    }

    // MARK: Rows

    private func row(_ span: Int, _ path: TracePath, _ length: Double) -> JSONValue {
        let kind = Int(path.kind(span))
        return [
            "service": AgentAnswer.string(path.service(span)), "span": AgentAnswer.string(path.name(span)),
            "kind": .string(SearchCondition.kinds.indices.contains(kind) ? SearchCondition.kinds[kind] : "\(kind)"),
            "waited_ms": AgentAnswer.milliseconds(path.critical[span]),
            "percent": AgentAnswer.percent(Double(path.critical[span]) / length),
            "error": .bool(path.isError(span)), "details": details(span, path),
        ]
    }

    private func failure(_ span: Int, _ path: TracePath) -> JSONValue {
        [
            "service": AgentAnswer.string(path.service(span)), "span": AgentAnswer.string(path.name(span)),
            "duration_ms": AgentAnswer.milliseconds(path.length(span)), "details": details(span, path),
        ]
    }

    private func row(_ repetition: TracePath.Repetition, _ path: TracePath) -> JSONValue {
        [
            "service": AgentAnswer.string(path.service(repetition.spans[0])), "span": AgentAnswer.string(path.name(repetition.spans[0])),
            "under": AgentAnswer.string(path.name(repetition.parent)), "times": .integer(Int64(repetition.spans.count)),
            "failed": .integer(Int64(repetition.spans.count(where: path.isError))),
        ]
    }

    private func details(_ span: Int, _ path: TracePath) -> JSONValue {
        .object(
            JSONObject(path.details(span).map { .init(key: AgentAnswer.clean($0.key, limit: 80), value: AgentAnswer.string($0.value)) }))
    }
}
