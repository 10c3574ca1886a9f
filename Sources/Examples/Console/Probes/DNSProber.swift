// Probes by DNS.

import ExampleSupport
import Telemetry

/// Asks a name server, and holds its records against what the module expects.
struct DNSProber {
    let options: DNSProbeOptions

    func run(_ target: String, _ findings: inout ProbeFindings) {
        for metric: ProbeMetric in [.dnsAnswers, .dnsAuthorities, .dnsAdditionals, .dnsSucceeded] { findings.page.set(metric, 0) }
        for phase in ["resolve", "connect", "request"] { findings.page.set(.dnsDuration, 0, [("phase", phase)]) }
        // A target without a port, an address of IPv6 too, gets the one of its protocol.
        let (host, port) = TCPProber.hostAndPort(target) ?? (target, options.usesTLS ? 853 : 53)
        let id = UInt16.random(in: 0...UInt16.max)
        guard let query = DNSMessage.query(options.name, options.type, options.recordClass, id: id, wantsRecursion: options.wantsRecursion)
        else { return findings.fail("\"\(options.name)\" is no name that can be asked for") }
        let begin = SystemClock.monotonicNanoseconds()
        let address = findings.address(of: host, port: port, options.address)
        findings.page.add(.dnsDuration, phase: "resolve", ProbeFindings.seconds(since: begin))
        guard let address else { return }
        var span = ProbeSpan(findings.trace, parent: nil, name: "dns.query")
        span.set("dns.question.name", .string(options.name))
        span.set("server.address", .string(host))
        span.set("server.port", .integer(Int64(port)))
        span.set("network.transport", options.usesTCP ? "tcp" : "udp")
        do throws(HTTPClientError) { try ask(query, address, host, &findings) } catch { findings.fail("\(error)") }
        span.error = findings.problem
        if findings.problem != nil { span.set("error.type", "_OTHER") }
        span.finish()
        findings.spans.append(span)
    }

    private func ask(
        _ query: [UInt8], _ address: SocketAddress, _ host: String, _ findings: inout ProbeFindings
    ) throws(HTTPClientError) {
        var begin = SystemClock.monotonicNanoseconds()
        let stream =
            try options.usesTCP
            ? BlockingStream.connect(to: address, until: findings.deadline) : BlockingStream.exchangeDatagrams(with: address)
        // The exporter's metrics of DNS have none of TLS.
        if options.usesTLS { _ = try options.tls.secure(stream, host: host, until: findings.deadline) }
        findings.page.add(.dnsDuration, phase: "connect", ProbeFindings.seconds(since: begin))
        begin = SystemClock.monotonicNanoseconds()
        let length: [UInt8] = options.usesTCP ? [UInt8(query.count >> 8), UInt8(query.count & 0xFF)] : []
        try stream.send(length + query, until: findings.deadline)
        let bytes = try options.usesTCP ? message(stream, findings.deadline) : datagram(stream, query, findings.deadline)
        findings.page.add(.dnsDuration, phase: "request", ProbeFindings.seconds(since: begin))
        guard DNSMessage.isAnswer(bytes, to: query) else { return findings.fail("the answer belongs to another query") }
        do throws(DNSMessage.Failure) { check(try DNSMessage(bytes), &findings) } catch {
            findings.fail("the answer cannot be read: \(error.reason)")
        }
    }

    /// Returns the first datagram that answers the query.
    private func datagram(_ stream: BlockingStream, _ query: [UInt8], _ deadline: Deadline) throws(HTTPClientError) -> [UInt8] {
        while true {
            let bytes = try stream.receive(until: deadline)
            if DNSMessage.isAnswer(bytes, to: query) { return bytes }
        }
    }

    /// Returns the next message of a stream, before which is its length. (RFC 1035 §4.2.2.)
    private func message(_ stream: BlockingStream, _ deadline: Deadline) throws(HTTPClientError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            if bytes.count >= 2 {
                let length = Int(bytes[0]) << 8 | Int(bytes[1])
                if bytes.count >= length + 2 { return Array(bytes[2..<length + 2]) }
            }
            let more = try stream.receive(until: deadline)
            guard !more.isEmpty else { throw .closedEarly(address: "the name server") }
            bytes += more
        }
    }

    private func check(_ message: DNSMessage, _ findings: inout ProbeFindings) {
        findings.page.set(.dnsSucceeded, 1)
        findings.page.set(.dnsAnswers, Double(message.answers.count))
        findings.page.set(.dnsAuthorities, Double(message.authorities.count))
        findings.page.set(.dnsAdditionals, Double(message.additionals.count))
        if options.type == .startOfAuthority { findings.page.set(.dnsSerial, Double(message.answers.lazy.compactMap(\.serial).last ?? 0)) }
        guard options.validCodes.contains(message.responseCode) else {
            return findings.fail("the server answered \(DNSNames.responseCode(message.responseCode)), which is none of valid_rcodes")
        }
        let sections = [
            ("answer", message.answers, options.answers), ("authority", message.authorities, options.authorities),
            ("additional", message.additionals, options.additionals),
        ]
        for (name, records, validation) in sections {
            if let problem = validation.problem(of: records.map(\.text)) { return findings.fail("the \(name) section: \(problem)") }
        }
    }
}

extension DNSProbeOptions.Validation {
    /// Returns what is wrong with records; nil if nothing is.
    func problem(of records: [String]) -> String? {
        if records.isEmpty, !(failsIfAnyDiffers.isEmpty && failsIfNoneMatches.isEmpty) { return "there is no record that could match" }
        for record in records {
            if let pattern = failsIfAnyMatches.first(where: { $0.isFound(in: record) }) { return "a record matches \(pattern.text)" }
            if let pattern = failsIfAnyDiffers.first(where: { !$0.isFound(in: record) }) {
                return "a record does not match \(pattern.text)"
            }
        }
        // As in the exporter, every pattern has to match every record here, and one pattern one record there.
        if !failsIfAllMatch.isEmpty, !records.allSatisfy({ record in failsIfAllMatch.allSatisfy { $0.isFound(in: record) } }) {
            return "not all records match"
        }
        if !failsIfNoneMatches.isEmpty, !records.contains(where: { record in failsIfNoneMatches.contains { $0.isFound(in: record) } }) {
            return "no record matches"
        }
        return nil
    }
}
