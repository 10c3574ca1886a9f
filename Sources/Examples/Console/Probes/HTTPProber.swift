// Probes by HTTP.

import ExampleSupport
import Telemetry

/// Sends a request to a target, follows redirects, and holds the answer against what the module expects.
struct HTTPProber {
    /// Bytes of a body that are read if the module states no other bound.
    static let maximumBodyBytes = 4 << 20
    /// The most that a module may read.
    static let largestBodyLimit = 64 << 20
    private static let maximumRedirects = 10

    let options: HTTPProbeOptions

    func run(_ target: String, _ findings: inout ProbeFindings) {
        let gauges: [ProbeMetric] = [
            .httpStatus, .httpLength, .httpBodyLength, .httpRedirects, .httpSSL, .httpVersion, .failedByPattern,
        ]
        for metric in gauges { findings.page.set(metric, 0) }
        let text = target.lowercased().hasPrefix("http://") || target.lowercased().hasPrefix("https://") ? target : "http://" + target
        guard let url = HTTPURL(text) else { return findings.fail("\"\(ProbeTarget.shown(target).prefix(200))\" is no URL") }
        let begin = SystemClock.monotonicNanoseconds()
        let address = findings.address(of: url.host, port: url.port, options.address)
        findings.page.add(.httpDuration, phase: "resolve", ProbeFindings.seconds(since: begin))
        guard let address else { return }
        for phase in ["connect", "tls", "processing", "transfer"] { findings.page.set(.httpDuration, 0, [("phase", phase)]) }
        guard var request = request(to: url, &findings) else { return }
        var last: HTTPRoundTrip
        var (redirects, next) = (0, address)
        var root: SpanID?
        while true {
            last = HTTPRoundTrip(request, root, redirects, findings.trace)
            root = root ?? last.span.id
            last.run(to: next, tls: tls(for: request.url, isFirst: request.url.authority == url.authority), bodyLimit, findings.deadline)
            for (phase, duration) in last.durations { findings.page.add(.httpDuration, phase: phase, duration) }
            guard let head = last.head, let following = Self.redirect(head, request) else { break }
            redirects += 1
            guard redirects <= Self.maximumRedirects, options.followsRedirects else { break }
            findings.spans.append(last.span)
            request = following
            let begin = SystemClock.monotonicNanoseconds()
            var looking = ProbeFindings(until: findings.deadline)
            let found = looking.address(of: request.url.host, port: request.url.port, options.address)
            findings.page.add(.httpDuration, phase: "resolve", ProbeFindings.seconds(since: begin))
            guard let found else {
                findings.fail(looking.problem ?? "")
                break
            }
            next = found
        }
        findings.page.set(.httpRedirects, Double(redirects))
        let wasRefused = redirects > 0 && (last.head.flatMap { Self.redirect($0, request) } != nil)
        HTTPAnswerCheck(options: options, wasRefused: wasRefused).check(&last, &findings)
        findings.spans.removeAll { $0.id == last.span.id }
        findings.spans.append(last.span)
    }

    private var bodyLimit: Int { min(options.bodyLimit ?? Self.maximumBodyBytes, Self.largestBodyLimit) }

    /// The name of TLS is that of the first host; another one that a redirect names has its own.
    private func tls(for url: HTTPURL, isFirst: Bool) -> (ClientTLS, String)? {
        guard url.isSecure else { return nil }
        var tls = options.tls
        if !isFirst { tls.serverName = nil }
        let named = options.headers.first { $0.name.lowercased() == "host" }?.value
        return (tls, isFirst ? named.map { HostName.withoutPort($0) } ?? url.host : url.host)
    }

    private func request(to url: HTTPURL, _ findings: inout ProbeFindings) -> HTTPOutgoingRequest? {
        var request = HTTPOutgoingRequest(method: options.method, url: url)
        for (name, value) in options.headers { request.headers[name] = value }
        if request.headers["User-Agent"] == nil { request.headers["User-Agent"] = "swift-telemetry-console/\(SDK.version)" }
        do throws(YAMLFileProblems) {
            if let body = options.body { request.body = try body.bytes }
            let ofTarget = url.userInformation.map { "Basic " + Base64.encode(Array(Substring($0).percentDecoded.utf8)) }
            if let line = try options.authorization?.value ?? ofTarget { request.headers["Authorization"] = line }
        } catch {
            findings.fail(error.problems.first?.description ?? "a file cannot be read")
            return nil
        }
        return request
    }

    /// Returns the request to which an answer redirects; nil if it does not. (RFC 9110 §15.4.)
    static func redirect(_ head: HTTPHead, _ request: HTTPOutgoingRequest) -> HTTPOutgoingRequest? {
        guard [301, 302, 303, 307, 308].contains(head.status), let location = head.headers["Location"],
            let url = request.url.resolving(location)
        else { return nil }
        var next = HTTPOutgoingRequest(method: request.method, url: url, headers: request.headers, body: request.body)
        next.headers["Host"] = nil
        if head.status < 307, request.method != "GET", request.method != "HEAD" {
            next.method = "GET"
            next.body = []
        }
        // What is secret goes to its own server alone, and never from TLS into the clear.
        if !url.hasSameOrigin(as: request.url) {
            for name in ["Authorization", "Cookie"] { next.headers[name] = nil }
        }
        return next
    }
}

extension HTTPURL {
    /// Returns the URL that a reference names from this one; nil if it is none. (RFC 3986 §5.2.)
    func resolving(_ reference: String) -> HTTPURL? {
        guard let url = merged(with: reference) else { return nil }
        let path = url.target.prefix { $0 != "?" }
        return HTTPURL(url.origin + Self.withoutDotSegments(path) + url.target[path.endIndex...])
    }

    /// Whether requests to both go to the same server in the same way. (RFC 9110 §4.3.1.)
    func hasSameOrigin(as other: HTTPURL) -> Bool {
        isSecure == other.isSecure && host.lowercased() == other.host.lowercased() && port == other.port && socketPath == other.socketPath
    }

    /// Returns a path without `.` and `..`. (RFC 3986 §5.2.4.)
    private static func withoutDotSegments(_ path: Substring) -> String {
        var kept: [Substring] = []
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (number, segment) in segments.enumerated() {
            guard segment == "." || segment == ".." else {
                kept.append(segment)
                continue
            }
            if segment == ".." { _ = kept.popLast() }
            if number == segments.count - 1 { kept.append("") }
        }
        return "/" + kept.joined(separator: "/")
    }

    private func merged(with reference: String) -> HTTPURL? {
        let scheme = isSecure ? "https:" : "http:"
        if reference.hasPrefix("//") { return HTTPURL(scheme + reference) }
        let beforePath = reference.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if beforePath.contains(":") { return HTTPURL(reference).flatMap { $0.socketPath == nil ? $0 : nil } }
        if reference.hasPrefix("/") { return HTTPURL(origin + reference) }
        let path = target.prefix { $0 != "?" }
        if reference.isEmpty || reference.hasPrefix("#") { return HTTPURL(origin + target) }
        if reference.hasPrefix("?") { return HTTPURL(origin + path + reference) }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return HTTPURL(origin + folder + reference)
    }
}
