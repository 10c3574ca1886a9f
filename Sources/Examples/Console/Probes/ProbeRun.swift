// Runs a module against a target.

import ExampleSupport
import Telemetry

/// What came out of one probe.
struct ProbeResult: Sendable {
    var page: ProbePage
    /// Why the probe failed; nil for success.
    let problem: String?
    let duration: Duration
    let trace: TraceID
    /// The spans of the probe as a request of OTLP; empty without any.
    let spans: [UInt8]

    var isSuccess: Bool { problem == nil }
}

extension ProbeModule {
    /// Probes a target, on the thread of the caller, which may block for as long as the timeout.
    func run(_ target: String, timeout: Duration) -> ProbeResult {
        let begin = SystemClock.monotonicNanoseconds()
        var findings = ProbeFindings(until: .after(timeout))
        switch prober {
        case .http(let options): HTTPProber(options: options).run(target, &findings)
        case .tcp(let options): TCPProber(options: options).run(target, &findings)
        case .dns(let options): DNSProber(options: options).run(target, &findings)
        }
        let seconds = ProbeFindings.seconds(since: begin)
        findings.page.set(.success, findings.problem == nil ? 1 : 0)
        findings.page.set(.duration, seconds)
        findings.page.set(.timeout, timeout / .seconds(1))
        for index in findings.spans.indices {
            findings.spans[index].set("probe.module", .string(name))
            findings.spans[index].set("probe.target", .string(ProbeTarget.shown(target)))
        }
        return ProbeResult(
            page: findings.page, problem: findings.problem, duration: .seconds(seconds), trace: findings.trace,
            spans: findings.spans.isEmpty ? [] : ProbeSpan.request(findings.spans))
    }
}
