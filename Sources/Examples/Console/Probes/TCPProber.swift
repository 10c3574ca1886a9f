// Probes by TCP.

import ExampleSupport
import Telemetry

/// Connects to a target, with TLS if the module has it, and plays the module's dialogue.
struct TCPProber {
    /// Bytes of a line that is read, and of all that the target may send.
    fileprivate static let maximumLine = 64 << 10
    fileprivate static let maximumBytes = 1 << 20

    let options: TCPProbeOptions

    func run(_ target: String, _ findings: inout ProbeFindings) {
        findings.page.set(.failedByPattern, 0)
        findings.page.set(.failedByBytes, 0)
        guard let (host, port) = Self.hostAndPort(target) else {
            return findings.fail("\"\(target.prefix(200))\" is no target; it must be a host and a port, such as localhost:22")
        }
        guard let address = findings.address(of: host, port: port, options.address) else { return }
        var span = ProbeSpan(findings.trace, parent: nil, name: options.usesTLS ? "tls.connect" : "tcp.connect")
        span.set("server.address", .string(host))
        span.set("server.port", .integer(Int64(port)))
        span.set("network.transport", "tcp")
        do throws(HTTPClientError) {
            let stream = try BlockingStream.connect(to: address, until: findings.deadline)
            if options.usesTLS { try secure(stream, host, &findings) }
            try play(stream, host, &findings)
        } catch { findings.fail("\(error)") }
        span.error = findings.problem
        if findings.problem != nil { span.set("error.type", "_OTHER") }
        span.finish()
        findings.spans.append(span)
    }

    /// Returns the parts of `host:port` and `[address]:port`; nil for anything else.
    static func hostAndPort(_ target: String) -> (host: String, port: Int)? {
        guard let colon = target.lastIndex(of: ":"), let port = Int(target[target.index(after: colon)...]), (1...65_535).contains(port)
        else {
            return nil
        }
        var host = target[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else { return nil }
        return (String(host), port)
    }

    private func secure(_ stream: BlockingStream, _ host: String, _ findings: inout ProbeFindings) throws(HTTPClientError) {
        let peer = try options.tls.secure(stream, host: host, until: findings.deadline)
        findings.note(peer, withCipher: false)
    }

    private func play(_ stream: BlockingStream, _ host: String, _ findings: inout ProbeFindings) throws(HTTPClientError) {
        var input = Input(stream: stream, deadline: findings.deadline)
        for step in options.steps {
            var send = step.send
            if let pattern = step.expect {
                guard let match = try input.line(matching: pattern) else {
                    findings.page.set(.failedByPattern, 1)
                    return findings.fail("no line matched \(pattern.text); the last one was \"\(input.lastLine.prefix(100))\"")
                }
                findings.page.set(.failedByPattern, 0)
                send = match.expanding(send)
                if !step.labels.isEmpty { findings.page.set(.expectInfo, 1, step.labels.map { ($0.name, match.expanding($0.value)) }) }
            }
            if !step.expectBytes.isEmpty {
                guard try input.bytes(step.expectBytes.count) == step.expectBytes else {
                    findings.page.set(.failedByBytes, 1)
                    return findings.fail("the target sent other bytes than expect_bytes has")
                }
                findings.page.set(.failedByBytes, 0)
            }
            if !send.isEmpty { try stream.send(Array("\(send)\n".utf8), until: findings.deadline) }
            if step.startsTLS {
                try secure(stream, host, &findings)
                input = Input(stream: stream, deadline: findings.deadline)
            }
        }
    }

    /// What has come from the target and was not read yet.
    private struct Input {
        let stream: BlockingStream
        let deadline: Deadline
        private(set) var lastLine = ""
        private var waiting: [UInt8] = []
        private var received = 0
        private var hasEnded = false

        init(stream: BlockingStream, deadline: Deadline) {
            self.stream = stream
            self.deadline = deadline
        }

        private mutating func receive() throws(HTTPClientError) {
            let bytes = try stream.receive(until: deadline)
            hasEnded = bytes.isEmpty
            received += bytes.count
            guard received <= TCPProber.maximumBytes else {
                throw .malformedResponse(address: "the target", reason: "it sent more than \(TCPProber.maximumBytes) bytes")
            }
            waiting += bytes
        }

        /// Reads lines until one matches; nil if none does before the end.
        mutating func line(matching pattern: SearchPattern) throws(HTTPClientError) -> SearchPattern.Match? {
            while true {
                if let end = waiting.firstIndex(of: UInt8(ascii: "\n")) {
                    if let match = take(waiting[..<end], end + 1, pattern) { return match }
                } else if hasEnded {
                    return waiting.isEmpty ? nil : take(waiting[...], waiting.count, pattern)
                } else {
                    guard waiting.count <= TCPProber.maximumLine else {
                        throw .malformedResponse(address: "the target", reason: "a line is longer than \(TCPProber.maximumLine) bytes")
                    }
                    try receive()
                }
            }
        }

        private mutating func take(_ bytes: ArraySlice<UInt8>, _ count: Int, _ pattern: SearchPattern) -> SearchPattern.Match? {
            let line = bytes.last == 13 ? bytes.dropLast() : bytes
            lastLine = String(decoding: line, as: UTF8.self)
            waiting.removeFirst(count)
            return pattern.match(in: lastLine)
        }

        mutating func bytes(_ count: Int) throws(HTTPClientError) -> [UInt8] {
            while waiting.count < count, !hasEnded { try receive() }
            defer { waiting.removeFirst(min(count, waiting.count)) }
            return Array(waiting.prefix(count))
        }
    }
}
