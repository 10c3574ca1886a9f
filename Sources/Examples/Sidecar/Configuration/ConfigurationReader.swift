// Reads a sidecar's file.

import ExampleSupport
import Telemetry

/// Reads listeners, routes and upstreams, and checks that they fit together; all errors are named at once.
struct ConfigurationReader {
    private static let maximumListeners = 64
    private static let maximumRoutes = 1_000
    private static let maximumUpstreams = 256
    private static let maximumEndpoints = 256

    private var problems: ConfigurationProblems
    private var upstreams: [String: Int] = [:]

    /// Reads a file in YAML, of which JSON is a part.
    static func configuration(_ text: [UInt8], file: String) throws(ConfigurationProblems) -> SidecarConfiguration {
        var reader = ConfigurationReader(problems: ConfigurationProblems(file: file))
        var configuration = SidecarConfiguration()
        do throws(YAMLError) {
            if let document = try YAMLReader.document(text) {
                reader.read(document, &configuration)
            } else {
                reader.problems.report("the file is empty; it needs listeners and upstreams", 0)
            }
        } catch {
            reader.problems.report(error.reason, error.line)
        }
        guard reader.problems.problems.isEmpty else { throw reader.problems }
        return configuration
    }

    private mutating func read(_ document: YAMLNode, _ configuration: inout SidecarConfiguration) {
        let known = ["name", "maximum_connections", "listeners", "upstreams"]
        guard let fields = ConfigurationFields(document, "The file", known, &problems) else { return }
        if let name = fields.text("name", &problems) {
            if HTTPGrammar.isToken(name.utf8) {
                configuration.name = name
            } else {
                problems.report("The file: name is \"\(name.prefix(80))\"; it stands in Via and must be one word", fields.line("name"))
            }
        }
        fields.read(&configuration.maximumConnections, "maximum_connections", 1...1_000_000, &problems)
        readUpstreams(fields, &configuration)
        let listeners = fields.elements("listeners", &problems)
        if listeners.isEmpty { problems.report("The file has no listeners; it needs at least one", fields.line("listeners")) }
        if listeners.count > Self.maximumListeners {
            problems.report("there are at most \(Self.maximumListeners) listeners", fields.line("listeners"))
        }
        for node in listeners.prefix(Self.maximumListeners) {
            guard let listener = listener(node) else { continue }
            if configuration.listeners.contains(where: { $0.name == listener.name }) {
                problems.report("the listener \(listener.name) is there twice", node.line)
            }
            if listener.port != 0, configuration.listeners.contains(where: { $0.port == listener.port && $0.address == listener.address }) {
                problems.report("two listeners have the address \(listener.address) and the port \(listener.port)", node.line)
            }
            configuration.listeners.append(listener)
        }
    }

    // MARK: Upstreams

    private mutating func readUpstreams(_ fields: ConfigurationFields, _ configuration: inout SidecarConfiguration) {
        guard let node = fields["upstreams"] else {
            return problems.report("The file has no upstreams; it needs at least one", fields.node.line)
        }
        guard let entries = node.entries else {
            return problems.report("upstreams is \(node.kind); it must be a mapping of names and upstreams", node.line)
        }
        if entries.count > Self.maximumUpstreams { problems.report("there are at most \(Self.maximumUpstreams) upstreams", node.line) }
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
        guard let fields = ConfigurationFields(node, subject, known, &problems) else { return upstream }
        let endpoints = fields.texts("endpoints", &problems)
        if endpoints.isEmpty { problems.report("\(subject) has no endpoints; it must be a list such as [127.0.0.1:9080]", node.line) }
        if endpoints.count > Self.maximumEndpoints {
            problems.report("\(subject) has more than \(Self.maximumEndpoints) endpoints", node.line)
        }
        for (text, line) in endpoints.prefix(Self.maximumEndpoints) {
            guard let url = HTTPURL("http://\(text)"), url.target == "/", url.userInformation == nil, !text.contains("/"),
                text.contains(":")
            else {
                problems.report("\(subject): the endpoint is \"\(text.prefix(80))\"; it must be a host and a port, as albums:9080", line)
                continue
            }
            upstream.endpoints.append(UpstreamConfiguration.Endpoint(host: url.host, port: url.port))
        }
        if let node = fields["tls"] { upstream.tls = clientSecurity(node, "\(subject): tls") }
        if let node = fields["timeouts"],
            let times = ConfigurationFields(node, "\(subject): timeouts", ["connect", "first_byte", "idle", "whole"], &problems)
        {
            times.read(&upstream.connectTimeout, "connect", &problems)
            times.read(&upstream.firstByteTimeout, "first_byte", &problems)
            times.read(&upstream.idleTimeout, "idle", &problems)
            upstream.wholeTimeout = times.duration("whole", &problems)
        }
        if let node = fields["retries"] { readRetries(node, "\(subject): retries", &upstream) }
        if let node = fields["circuit_breaker"],
            let breaker = ConfigurationFields(
                node, "\(subject): circuit_breaker", ["failures", "open", "probes", "concurrency", "waiting"], &problems)
        {
            breaker.read(&upstream.failures, "failures", 1...1_000_000, &problems)
            breaker.read(&upstream.openTime, "open", &problems)
            breaker.read(&upstream.probes, "probes", 1...1000, &problems)
            breaker.read(&upstream.concurrency, "concurrency", 1...100_000, &problems)
            breaker.read(&upstream.waiting, "waiting", 0...1_000_000, &problems)
        }
        if let node = fields["pool"],
            let pool = ConfigurationFields(node, "\(subject): pool", ["idle_connections", "keep_alive"], &problems)
        {
            pool.read(&upstream.idleConnections, "idle_connections", 0...100_000, &problems)
            pool.read(&upstream.keepAlive, "keep_alive", &problems)
        }
        return upstream
    }

    private mutating func readRetries(_ node: YAMLNode, _ subject: String, _ upstream: inout UpstreamConfiguration) {
        guard let fields = ConfigurationFields(node, subject, ["attempts", "statuses", "budget_percent"], &problems) else { return }
        fields.read(&upstream.retries, "attempts", 0...10, &problems)
        var percent = upstream.retryShare / 10
        fields.read(&percent, "budget_percent", 0...100, &problems)
        upstream.retryShare = percent * 10
        for (text, line) in fields.texts("statuses", &problems) {
            guard let status = Int(text), (500...599).contains(status) else {
                problems.report("\(subject): the status is \"\(text.prefix(80))\"; it must be a number from 500 to 599", line)
                continue
            }
            upstream.retriedStatuses.append(status)
        }
    }

    // MARK: Listeners

    private mutating func listener(_ node: YAMLNode) -> ListenerConfiguration? {
        let known = ["name", "address", "port", "trust_trace", "trust_forwarded", "tls", "head_timeout", "idle_timeout", "routes"]
        guard var fields = ConfigurationFields(node, "The listener", known, &problems) else { return nil }
        let name = fields.required("name", "a name for logs and metrics", &problems) ?? "?"
        let subject = "The listener \(name.prefix(80))"
        fields.subject = subject
        var listener = ListenerConfiguration(name: name)
        if let address = fields.text("address", &problems) { listener.address = address }
        if fields["port"] == nil { problems.report("\(subject) has no port; it must be a number from 0 to 65535", node.line) }
        fields.read(&listener.port, "port", 0...65_535, &problems)
        fields.read(&listener.trustsTrace, "trust_trace", &problems)
        fields.read(&listener.trustsForwarded, "trust_forwarded", &problems)
        fields.read(&listener.headTimeout, "head_timeout", &problems)
        fields.read(&listener.idleTimeout, "idle_timeout", &problems)
        if let node = fields["tls"] { listener.tls = serverSecurity(node, "\(subject): tls") }
        let routes = fields.elements("routes", &problems)
        if routes.isEmpty { problems.report("\(subject) has no routes; it must be a list such as [{upstream: albums}]", node.line) }
        if routes.count > Self.maximumRoutes { problems.report("\(subject) has more than \(Self.maximumRoutes) routes", node.line) }
        for node in routes.prefix(Self.maximumRoutes) {
            guard let route = route(node, subject) else { continue }
            if listener.routes.contains(where: { $0.host == route.host && $0.prefix == route.prefix }) {
                problems.report("\(subject) has two routes for the host \(route.host ?? "*") and the prefix \(route.prefix)", node.line)
            }
            listener.routes.append(route)
        }
        return listener
    }

    private mutating func route(_ node: YAMLNode, _ owner: String) -> RouteConfiguration? {
        let subject = "\(owner): the route"
        guard let fields = ConfigurationFields(node, subject, ["host", "prefix", "upstream", "upgrades"], &problems) else { return nil }
        var route = RouteConfiguration()
        if let host = fields.text("host", &problems)?.lowercased(), host != "*" {
            let labels = host.hasPrefix("*.") ? String(host.dropFirst(2)) : host
            if HTTPURL("http://\(labels)/").map({ $0.host == labels && $0.target == "/" && $0.userInformation == nil }) != true {
                problems.report(
                    "\(subject): host is \"\(host.prefix(80))\"; it must be a host without a port, *.host or *", fields.line("host"))
            }
            route.host = host
        }
        if let prefix = fields.text("prefix", &problems) {
            if !prefix.hasPrefix("/") || prefix.contains("?") || prefix.contains("#") {
                problems.report(
                    "\(subject): prefix is \"\(prefix.prefix(80))\"; it must begin with / and have no ? and #", fields.line("prefix"))
            }
            route.prefix = prefix
        }
        if let name = fields.required("upstream", "the name of one of the upstreams", &problems) {
            if let place = upstreams[name] {
                route.upstream = place
            } else {
                let names = upstreams.keys.sorted().joined(separator: ", ")
                problems.report(
                    "\(subject): there is no upstream \(name.prefix(80)); \(names.isEmpty ? "the file has none" : "there are \(names)")",
                    fields.line("upstream"))
            }
        }
        route.upgrades = fields.texts("upgrades", &problems).map { $0.text.lowercased() }
        return route
    }

    // MARK: TLS

    private mutating func serverSecurity(_ node: YAMLNode, _ subject: String) -> ServerSecurity? {
        let known = ["certificate", "key", "client_authorities", "client_names"]
        guard let fields = ConfigurationFields(node, subject, known, &problems) else { return nil }
        let certificate = fields.required("certificate", "a PEM file with the certificate", &problems)
        let key = fields.required("key", "a PEM file with the key of the certificate", &problems)
        let authorities = fields.text("client_authorities", &problems)
        let names = fields.texts("client_names", &problems).map(\.text)
        if !names.isEmpty, authorities == nil {
            problems.report("\(subject): client_names needs client_authorities, which sign the certificates of clients", node.line)
        }
        guard let certificate, let key else { return nil }
        let options = TLSServerOptions(certificateFile: certificate, keyFile: key, clientAuthorityFile: authorities)
        do throws(ConfigurationError) {
            return ServerSecurity(context: try TLSContext(options), clientNames: names)
        } catch {
            problems.report("\(subject): \(error)", node.line)
            return nil
        }
    }

    private mutating func clientSecurity(_ node: YAMLNode, _ subject: String) -> ClientSecurity? {
        let known = ["authorities", "certificate", "key", "host", "names"]
        guard let fields = ConfigurationFields(node, subject, known, &problems) else { return nil }
        let options = TLSOptions(
            certificateAuthorityFile: fields.text("authorities", &problems), clientCertificateFile: fields.text("certificate", &problems),
            clientKeyFile: fields.text("key", &problems))
        let host = fields.text("host", &problems)
        let names = fields.texts("names", &problems).map(\.text)
        if host != nil, !names.isEmpty { problems.report("\(subject) has both host and names; one of them is checked", node.line) }
        do throws(ConfigurationError) {
            return ClientSecurity(context: try TLSContext(options), host: host, names: names)
        } catch {
            problems.report("\(subject): \(error)", node.line)
            return nil
        }
    }
}
