// Reads what modules say of HTTP.

import ExampleSupport
import Telemetry

extension ProbeFileReader {
    private static let httpFields = [
        "valid_status_codes", "valid_http_versions", "method", "headers", "body_size_limit", "compression", "follow_redirects",
        "no_follow_redirects", "fail_if_ssl", "fail_if_not_ssl", "fail_if_body_matches_regexp", "fail_if_body_not_matches_regexp",
        "fail_if_header_matches", "fail_if_header_not_matches", "tls_config", "basic_auth", "authorization", "enable_http2", "enable_http3",
        "preferred_ip_protocol", "ip_protocol_fallback", "body", "body_file",
    ]
    private static let unsupportedHTTPFields = [
        "http_headers": "headers has what is sent", "proxy_url": "probes go straight to their targets",
        "no_proxy": "probes go straight to their targets", "proxy_from_environment": "probes go straight to their targets",
        "proxy_connect_header": "probes go straight to their targets",
        "skip_resolve_phase_with_proxy": "probes go straight to their targets",
        "oauth2": "basic_auth and authorization are there", "bearer_token": "authorization has it",
        "bearer_token_file": "authorization has credentials_file",
        "fail_if_body_json_matches_cel": "a regular expression may do (fail_if_body_matches_regexp)",
        "fail_if_body_json_not_matches_cel": "a regular expression may do (fail_if_body_not_matches_regexp)",
    ]

    mutating func http(_ node: YAMLNode?, _ subject: String) -> HTTPProbeOptions {
        var options = HTTPProbeOptions()
        guard let node, let fields = reader.fields(node, "\(subject): http", Self.httpFields, unsupported: Self.unsupportedHTTPFields)
        else {
            options.tls = reader.clientTLS(nil, subject)
            return options
        }
        for (text, line) in reader.texts(fields, "valid_status_codes") {
            if let code = Int(text), (100...999).contains(code) {
                options.validStatusCodes.insert(code)
            } else {
                reader.report("\(subject): valid_status_codes has \"\(text.prefix(80))\"; it must be numbers such as 200", line)
            }
        }
        options.validVersions = reader.texts(fields, "valid_http_versions").map(\.text)
        if !options.validVersions.isEmpty, !options.validVersions.contains(where: { ["HTTP/1.0", "HTTP/1.1"].contains($0) }) {
            reader.report(
                "\(subject): valid_http_versions has neither HTTP/1.1 nor HTTP/1.0, the versions that probes of the console speak",
                fields["valid_http_versions"]?.line ?? node.line)
        }
        if let method = reader.text(fields, "method") {
            options.method = method
            if !HTTPGrammar.isToken(method.utf8) {
                reader.report(
                    "\(subject): method is \"\(method.prefix(80))\"; it must be a method such as GET", fields["method"]?.line ?? node.line)
            }
        }
        readHeaders(fields, &options)
        readBody(fields, &options)
        let follows = reader.truth(fields, "follow_redirects", default: true)
        options.followsRedirects = follows && !reader.truth(fields, "no_follow_redirects", default: false)
        options.failsWithSSL = reader.truth(fields, "fail_if_ssl", default: false)
        options.failsWithoutSSL = reader.truth(fields, "fail_if_not_ssl", default: false)
        options.bodyMustNotMatch = patterns(fields, "fail_if_body_matches_regexp")
        options.bodyMustMatch = patterns(fields, "fail_if_body_not_matches_regexp")
        options.headersMustNotMatch = headerMatches(fields, "fail_if_header_matches")
        options.headersMustMatch = headerMatches(fields, "fail_if_header_not_matches")
        options.authorization = reader.authorization(fields)
        _ = reader.truth(fields, "enable_http2", default: true)
        if reader.truth(fields, "enable_http3", default: false) {
            reader.report("\(subject): enable_http3 is not supported; it must be false", fields["enable_http3"]?.line ?? node.line)
        }
        options.tls = reader.clientTLS(fields["tls_config"], subject)
        options.address = address(fields)
        return options
    }

    private mutating func readHeaders(_ fields: YAMLFileReader.Fields, _ options: inout HTTPProbeOptions) {
        for (name, value, node) in reader.pairs(fields, "headers") {
            let isSent = HTTPGrammar.isToken(name.utf8) && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            if !isSent || ["content-length", "transfer-encoding", "connection"].contains(name.lowercased()) {
                reader.report("\(fields.subject): \"\(name.prefix(80))\" is no header that can be given", node.line)
            } else {
                options.headers.append((name, value))
            }
        }
    }

    private mutating func readBody(_ fields: YAMLFileReader.Fields, _ options: inout HTTPProbeOptions) {
        if let body = reader.text(fields, "body") { options.body = .text(body) }
        if let file = reader.text(fields, "body_file") {
            if options.body != nil {
                reader.report("\(fields.subject): body and body_file exclude each other", fields["body_file"]?.line ?? 0)
            }
            options.body = .file(file)
        }
        switch reader.text(fields, "compression") ?? "" {
        case "", "identity": break
        case "gzip": options.isCompressed = true
        case let other:
            reader.report(
                "\(fields.subject): compression is \"\(other.prefix(80))\"; it must be gzip or identity", fields["compression"]?.line ?? 0)
        }
        guard let node = fields["body_size_limit"] else { return }
        guard let size = node.text.flatMap(Self.bytes), size <= HTTPProber.largestBodyLimit else {
            let most = HTTPProber.largestBodyLimit >> 20
            return reader.report(
                "\(fields.subject): body_size_limit is \(node.kind); it must be a size up to \(most)MB, such as 10MB", node.line)
        }
        if size > 0 { options.bodyLimit = size }
    }

    /// Returns the bytes of a size such as `10MB`, whose units are powers of 1,024 in the exporter.
    private static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units = ["": 1, "B": 1, "KB": 1 << 10, "KiB": 1 << 10, "MB": 1 << 20, "MiB": 1 << 20, "GB": 1 << 30, "GiB": 1 << 30]
        guard let number = Int(digits), let unit = units[String(text.dropFirst(digits.count))] else { return nil }
        let (bytes, isTooMuch) = number.multipliedReportingOverflow(by: unit)
        return isTooMuch ? nil : bytes
    }

    private mutating func headerMatches(_ fields: YAMLFileReader.Fields, _ key: String) -> [HTTPProbeOptions.HeaderMatch] {
        var matches: [HTTPProbeOptions.HeaderMatch] = []
        for node in reader.elements(fields, key) {
            guard let one = reader.fields(node, "\(fields.subject): \(key)", ["header", "regexp", "allow_missing"]) else { continue }
            guard let header = reader.text(one, "header"), !header.isEmpty, let text = reader.text(one, "regexp") else {
                reader.report("\(fields.subject): \(key) needs header and regexp", node.line)
                continue
            }
            guard let pattern = pattern(text, one.subject, one["regexp"]?.line ?? node.line) else { continue }
            matches.append(.init(header: header, pattern: pattern, allowsMissing: reader.truth(one, "allow_missing", default: false)))
        }
        return matches
    }

    // MARK: What all probers have

    mutating func address(_ fields: YAMLFileReader.Fields) -> ProbeAddressOptions {
        var options = ProbeAddressOptions()
        switch reader.text(fields, "preferred_ip_protocol") ?? "ip6" {
        case "ip6": break
        case "ip4": options.prefersVersion6 = false
        case let other:
            reader.report(
                "\(fields.subject): preferred_ip_protocol is \"\(other.prefix(80))\"; it must be ip4 or ip6",
                fields["preferred_ip_protocol"]?.line ?? 0)
        }
        options.fallsBack = reader.truth(fields, "ip_protocol_fallback", default: true)
        return options
    }

    mutating func patterns(_ fields: YAMLFileReader.Fields, _ key: String) -> [SearchPattern] {
        reader.texts(fields, key).compactMap { pattern($0.text, "\(fields.subject): \(key)", $0.line) }
    }

    mutating func pattern(_ text: String, _ subject: String, _ line: Int) -> SearchPattern? {
        do throws(PatternError) { return try SearchPattern(text) } catch {
            reader.report("\(subject): \"\(text.prefix(80))\" is no regular expression: \(error)", line)
            return nil
        }
    }
}
