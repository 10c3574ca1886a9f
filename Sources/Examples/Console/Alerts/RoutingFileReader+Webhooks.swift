// Reads the webhooks of routing files.

import ExampleSupport
import Telemetry

extension RoutingFileReader {
    private static let http = ["authorization", "basic_auth", "tls_config", "follow_redirects", "enable_http2"]
    private static let direct = "the console goes straight to the address"
    private static let unsupportedHTTP = [
        "bearer_token": "authorization has it", "bearer_token_file": "authorization has credentials_file",
        "oauth2": "basic_auth and authorization are there", "http_headers": "authorization is the one field that can be set",
        "proxy_url": direct, "no_proxy": direct, "proxy_from_environment": direct, "proxy_connect_header": direct,
    ]

    mutating func webhook(_ node: YAMLNode, _ subject: String) -> AlertWebhook? {
        let unsupported = ["url_file": "write the address into url", "payload": "the body is Alertmanager's own"]
        let known = ["url", "send_resolved", "max_alerts", "timeout", "http_config"]
        guard let fields = reader.fields(node, subject, known, unsupported: unsupported) else { return nil }
        guard let text = reader.text(fields, "url") else {
            reader.report("\(subject) has no url", node.line)
            return nil
        }
        guard let url = HTTPURL(text), url.socketPath == nil else {
            reader.report(
                "\(subject): the url is \(Self.withoutSecrets(text)); it must begin with http:// or https://",
                fields["url"]?.line ?? node.line)
            return nil
        }
        var webhook = AlertWebhook(url: url)
        webhook.sendsResolved = reader.truth(fields, "send_resolved", default: true)
        webhook.maximumAlerts = reader.number(fields, "max_alerts", default: 0)
        if let timeout = reader.duration(fields, "timeout"), timeout > 0 { webhook.timeout = min(timeout, 60_000) }
        readHTTP(fields["http_config"], &webhook, subject)
        if let tls = webhook.tls, tls.context == nil, !tls.problem.isEmpty, reader.problems.isEmpty {
            reader.report("\(subject): the url is https, and \(tls.problem)", fields["url"]?.line ?? node.line)
        }
        return webhook
    }

    /// Returns what must be no URL without what may be secret in it: user and password, path and query.
    private static func withoutSecrets(_ text: String) -> String {
        let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
        // A password may have a slash in it.
        let end = text.contains("@") ? start : text[start...].firstIndex { "/?#".contains($0) } ?? text.endIndex
        return "\(text[..<end].prefix(200))\(end < text.endIndex ? "…" : "")"
    }

    private mutating func readHTTP(_ node: YAMLNode?, _ webhook: inout AlertWebhook, _ subject: String) {
        let subject = "\(subject): http_config"
        let fields = node.flatMap { reader.fields($0, subject, Self.http, unsupported: Self.unsupportedHTTP) }
        if let fields {
            webhook.authorization = reader.authorization(fields)
            // HTTP/1.1 is spoken either way.
            _ = reader.truth(fields, "enable_http2", default: true)
            if reader.truth(fields, "follow_redirects", default: false) {
                reader.report(
                    "\(subject): follow_redirects is not supported; it must be false, and url the address that redirects lead to",
                    fields["follow_redirects"]?.line ?? 0)
            }
        }
        if webhook.authorization == nil, let user = webhook.url.userInformation {
            let words = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(\.percentDecoded)
            webhook.authorization = .basic(user: .text(words[0]), password: .text(words.count > 1 ? words[1] : ""))
        }
        // What is said of TLS is checked for `http` as well.
        guard webhook.url.isSecure || fields?["tls_config"] != nil else { return }
        let tls = reader.clientTLS(fields?["tls_config"], subject)
        if webhook.url.isSecure { webhook.tls = tls }
    }
}
