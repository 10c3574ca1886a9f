// Reads a sidecar's file.

import ExampleSupport
import Telemetry

/// Reads listeners, routes and upstreams, and checks that they fit together; all errors are named at once.
struct ConfigurationReader {
    private static let maximumListeners = 64
    private static let maximumRoutes = 1_000
    private static let maximumUpstreams = 256
    private static let maximumEndpoints = 256

    private var reader: YAMLFileReader
    private var upstreams: [String: Int] = [:]

    /// Reads a file in YAML, of which JSON is a part.
    static func configuration(_ text: [UInt8], file: String) throws(YAMLFileProblems) -> SidecarConfiguration {
        var reader = ConfigurationReader(reader: YAMLFileReader(file: file))
        var configuration = SidecarConfiguration()
        if let document = reader.reader.document(text, need: "listeners and upstreams") { reader.read(document, &configuration) }
        try reader.reader.finish()
        return configuration
    }

    private mutating func read(_ document: YAMLNode, _ configuration: inout SidecarConfiguration) {
        let known = ["name", "maximum_connections", "listeners", "upstreams"]
        guard let fields = reader.fields(document, "The file", known) else { return }
        if let name = text(fields, "name") {
            if HTTPGrammar.isToken(name.utf8) {
                configuration.name = name
            } else {
                reader.report("The file: name is \"\(name.prefix(80))\"; it stands in Via and must be one word", fields.line("name"))
            }
        }
        configuration.maximumConnections = reader.number(
            fields, "maximum_connections", default: configuration.maximumConnections, in: 1...1_000_000)
        readUpstreams(fields, &configuration)
        let listeners = reader.elements(fields, "listeners")
        if listeners.isEmpty { reader.report("The file has no listeners; it needs at least one", fields.line("listeners")) }
        if listeners.count > Self.maximumListeners {
            reader.report("there are at most \(Self.maximumListeners) listeners", fields.line("listeners"))
        }
        for node in listeners.prefix(Self.maximumListeners) {
            guard let listener = listener(node) else { continue }
            if configuration.listeners.contains(where: { $0.name == listener.name }) {
                reader.report("the listener \(listener.name) is there twice", node.line)
            }
            if listener.port != 0, configuration.listeners.contains(where: { $0.port == listener.port && $0.address == listener.address }) {
                reader.report("two listeners have the address \(listener.address) and the port \(listener.port)", node.line)
            }
            configuration.listeners.append(listener)
        }
    }

    // MARK: Upstreams

    private mutating func readUpstreams(_ fields: YAMLFileReader.Fields, _ configuration: inout SidecarConfiguration) {
        guard let node = fields["upstreams"] else {
            return reader.report("The file has no upstreams; it needs at least one", fields.node.line)
        }
        guard let entries = node.entries else {
            return reader.report("upstreams is \(node.kind); it must be a mapping of names and upstreams", node.line)
        }
        if entries.count > Self.maximumUpstreams { reader.report("there are at most \(Self.maximumUpstreams) upstreams", node.line) }
        for entry in entries.prefix(Self.maximumUpstreams) {
            guard let name = entry.key.text else { continue }
            upstreams[name] = configuration.upstreams.count
            configuration.upstreams.append(upstream(name, entry.value))
        }
    }

    private mutating func upstream(_ name: String, _ node: YAMLNode) -> UpstreamConfiguration {
        var upstream = UpstreamConfiguration(name: name)
        let subject = "The upstream \(name.prefix(80))"
        let known = ["endpoints", "tls", "timeouts", "retries", "circuit_breaker", "pool"]
        guard let fields = reader.fields(node, subject, known) else { return upstream }
        let endpoints = reader.texts(fields, "endpoints")
        if endpoints.isEmpty { reader.report("\(subject) has no endpoints; it must be a list such as [127.0.0.1:9080]", node.line) }
        if endpoints.count > Self.maximumEndpoints {
            reader.report("\(subject) has more than \(Self.maximumEndpoints) endpoints", node.line)
        }
        for (text, line) in endpoints.prefix(Self.maximumEndpoints) {
            guard let url = HTTPURL("http://\(text)"), url.target == "/", url.userInformation == nil, !text.contains("/"),
                text.contains(":")
            else {
                reader.report("\(subject): the endpoint is \"\(text.prefix(80))\"; it must be a host and a port, as albums:9080", line)
                continue
            }
            upstream.endpoints.append(UpstreamConfiguration.Endpoint(host: url.host, port: url.port))
        }
        if let node = fields["tls"] { upstream.tls = clientSecurity(node, "\(subject): tls") }
        if let node = fields["timeouts"],
            let times = reader.fields(node, "\(subject): timeouts", ["connect", "first_byte", "idle", "whole"])
        {
            read(&upstream.connectTimeout, times, "connect")
            read(&upstream.firstByteTimeout, times, "first_byte")
            read(&upstream.idleTimeout, times, "idle")
            upstream.wholeTimeout = duration(times, "whole")
        }
        if let node = fields["retries"] { readRetries(node, "\(subject): retries", &upstream) }
        if let node = fields["circuit_breaker"],
            let breaker = reader.fields(node, "\(subject): circuit_breaker", ["failures", "open", "probes", "concurrency", "waiting"])
        {
            upstream.failures = reader.number(breaker, "failures", default: upstream.failures, in: 1...1_000_000)
            read(&upstream.openTime, breaker, "open")
            upstream.probes = reader.number(breaker, "probes", default: upstream.probes, in: 1...1000)
            upstream.concurrency = reader.number(breaker, "concurrency", default: upstream.concurrency, in: 1...100_000)
            upstream.waiting = reader.number(breaker, "waiting", default: upstream.waiting, in: 0...1_000_000)
        }
        if let node = fields["pool"],
            let pool = reader.fields(node, "\(subject): pool", ["idle_connections", "keep_alive"])
        {
            upstream.idleConnections = reader.number(pool, "idle_connections", default: upstream.idleConnections, in: 0...100_000)
            read(&upstream.keepAlive, pool, "keep_alive")
        }
        return upstream
    }

    private mutating func readRetries(_ node: YAMLNode, _ subject: String, _ upstream: inout UpstreamConfiguration) {
        guard let fields = reader.fields(node, subject, ["attempts", "statuses", "budget_percent"]) else { return }
        upstream.retries = reader.number(fields, "attempts", default: upstream.retries, in: 0...10)
        var percent = upstream.retryShare / 10
        percent = reader.number(fields, "budget_percent", default: percent, in: 0...100)
        upstream.retryShare = percent * 10
        for (text, line) in reader.texts(fields, "statuses") {
            guard let status = Int(text), (500...599).contains(status) else {
                reader.report("\(subject): the status is \"\(text.prefix(80))\"; it must be a number from 500 to 599", line)
                continue
            }
            upstream.retriedStatuses.append(status)
        }
    }

    // MARK: Listeners

    private mutating func listener(_ node: YAMLNode) -> ListenerConfiguration? {
        let known = ["name", "address", "port", "trust_trace", "trust_forwarded", "tls", "head_timeout", "idle_timeout", "routes"]
        guard var fields = reader.fields(node, "The listener", known) else { return nil }
        let name = reader.required(fields, "name", "a name for logs and metrics") ?? "?"
        let subject = "The listener \(name.prefix(80))"
        fields.subject = subject
        var listener = ListenerConfiguration(name: name)
        if let address = text(fields, "address") { listener.address = address }
        if fields["port"] == nil { reader.report("\(subject) has no port; it must be a number from 0 to 65535", node.line) }
        listener.port = reader.number(fields, "port", default: listener.port, in: 0...65_535)
        listener.trustsTrace = reader.truth(fields, "trust_trace", default: listener.trustsTrace)
        listener.trustsForwarded = reader.truth(fields, "trust_forwarded", default: listener.trustsForwarded)
        read(&listener.headTimeout, fields, "head_timeout")
        read(&listener.idleTimeout, fields, "idle_timeout")
        if let node = fields["tls"] { listener.tls = serverSecurity(node, "\(subject): tls") }
        let routes = reader.elements(fields, "routes")
        if routes.isEmpty { reader.report("\(subject) has no routes; it must be a list such as [{upstream: albums}]", node.line) }
        if routes.count > Self.maximumRoutes { reader.report("\(subject) has more than \(Self.maximumRoutes) routes", node.line) }
        for node in routes.prefix(Self.maximumRoutes) {
            guard let route = route(node, subject) else { continue }
            if listener.routes.contains(where: { $0.host == route.host && $0.prefix == route.prefix }) {
                reader.report("\(subject) has two routes for the host \(route.host ?? "*") and the prefix \(route.prefix)", node.line)
            }
            listener.routes.append(route)
        }
        return listener
    }

    private mutating func route(_ node: YAMLNode, _ owner: String) -> RouteConfiguration? {
        let subject = "\(owner): the route"
        guard let fields = reader.fields(node, subject, ["host", "prefix", "upstream", "upgrades"]) else { return nil }
        var route = RouteConfiguration()
        if let host = text(fields, "host")?.lowercased(), host != "*" {
            let labels = host.hasPrefix("*.") ? String(host.dropFirst(2)) : host
            if HTTPURL("http://\(labels)/").map({ $0.host == labels && $0.target == "/" && $0.userInformation == nil }) != true {
                reader.report(
                    "\(subject): host is \"\(host.prefix(80))\"; it must be a host without a port, *.host or *", fields.line("host"))
            }
            route.host = host
        }
        if let prefix = text(fields, "prefix") {
            if !prefix.hasPrefix("/") || prefix.contains("?") || prefix.contains("#") {
                reader.report(
                    "\(subject): prefix is \"\(prefix.prefix(80))\"; it must begin with / and have no ? and #", fields.line("prefix"))
            }
            route.prefix = prefix
        }
        if let name = reader.required(fields, "upstream", "the name of one of the upstreams") {
            if let place = upstreams[name] {
                route.upstream = place
            } else {
                let names = upstreams.keys.sorted().joined(separator: ", ")
                reader.report(
                    "\(subject): there is no upstream \(name.prefix(80)); \(names.isEmpty ? "the file has none" : "there are \(names)")",
                    fields.line("upstream"))
            }
        }
        route.upgrades = reader.texts(fields, "upgrades").map { $0.text.lowercased() }
        return route
    }

    // MARK: TLS

    private mutating func serverSecurity(_ node: YAMLNode, _ subject: String) -> ServerSecurity? {
        let known = ["certificate", "key", "client_authorities", "client_names"]
        guard let fields = reader.fields(node, subject, known) else { return nil }
        let certificate = reader.required(fields, "certificate", "a PEM file with the certificate")
        let key = reader.required(fields, "key", "a PEM file with the key of the certificate")
        let authorities = text(fields, "client_authorities")
        let names = reader.texts(fields, "client_names").map(\.text)
        if !names.isEmpty, authorities == nil {
            reader.report("\(subject): client_names needs client_authorities, which sign the certificates of clients", node.line)
        }
        guard let certificate, let key else { return nil }
        let options = TLSServerOptions(certificateFile: certificate, keyFile: key, clientAuthorityFile: authorities)
        do throws(ConfigurationError) {
            return ServerSecurity(context: try TLSContext(options), clientNames: names)
        } catch {
            reader.report("\(subject): \(error)", node.line)
            return nil
        }
    }

    private mutating func clientSecurity(_ node: YAMLNode, _ subject: String) -> ClientSecurity? {
        let known = ["authorities", "certificate", "key", "host", "names"]
        guard let fields = reader.fields(node, subject, known) else { return nil }
        let options = TLSOptions(
            certificateAuthorityFile: text(fields, "authorities"), clientCertificateFile: text(fields, "certificate"),
            clientKeyFile: text(fields, "key"))
        let host = text(fields, "host")
        let names = reader.texts(fields, "names").map(\.text)
        if host != nil, !names.isEmpty { reader.report("\(subject) has both host and names; one of them is checked", node.line) }
        do throws(ConfigurationError) {
            return ClientSecurity(context: try TLSContext(options), host: host, names: names)
        } catch {
            reader.report("\(subject): \(error)", node.line)
            return nil
        }
    }

    // MARK: Values

    /// Returns a text that is not empty, if it is there.
    private mutating func text(_ fields: YAMLFileReader.Fields, _ key: String) -> String? {
        fields[key] == nil ? nil : reader.required(fields, key, "a text")
    }

    private mutating func read(_ value: inout Duration, _ fields: YAMLFileReader.Fields, _ key: String) {
        if let duration = duration(fields, key) { value = duration }
    }

    /// Returns a duration: `250ms`, `15s`, `5m`, `1h`.
    private mutating func duration(_ fields: YAMLFileReader.Fields, _ key: String) -> Duration? {
        guard let node = fields[key] else { return nil }
        if let duration = node.text.flatMap(Self.duration) { return duration }
        reader.report(
            "\(fields.subject): \(key) is \(node.kind); it must be a duration from 1ms to 24h, such as 250ms, 15s or 5m", node.line)
        return nil
    }

    private static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard digits.count <= 8, let number = Int(digits) else { return nil }
        let unit: Int? =
            switch text.dropFirst(digits.count) {
            case "ms": 1
            case "s": 1000
            case "m": 60_000
            case "h": 3_600_000
            default: nil
            }
        guard let milliseconds = unit.map({ $0 * number }), (1...86_400_000).contains(milliseconds) else { return nil }
        return .milliseconds(milliseconds)
    }
}
