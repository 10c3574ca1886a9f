// Reads files of probes.

import ExampleSupport
import Telemetry

/// Reads `modules` as blackbox_exporter has them, and `probes`, which name the targets of modules.
struct ProbeFileReader {
    static let maximumTargets = 128
    static let maximumModules = 256
    private static let unsupportedProbers = ["icmp", "grpc", "unix", "websocket"]

    var reader: YAMLFileReader
    private(set) var modules: [(module: ProbeModule, line: Int)] = []
    private var groups: [YAMLNode] = []

    /// Returns the modules and targets of all files.
    ///
    /// - Throws: all that is wrong with all of them.
    static func read(_ files: [(path: String, text: [UInt8])]) throws(YAMLFileProblems) -> (
        modules: [String: ProbeModule], targets: [ProbeTarget]
    ) {
        var readers: [ProbeFileReader] = []
        var modules: [String: ProbeModule] = [:]
        for file in files {
            var reader = ProbeFileReader(reader: YAMLFileReader(file: file.path))
            if let document = reader.reader.document(file.text) { reader.read(document) }
            for (module, line) in reader.modules where modules.updateValue(module, forKey: module.name) != nil {
                reader.reader.report("the module \(module.name) is there twice", line)
            }
            readers.append(reader)
        }
        var targets: [ProbeTarget] = []
        var keys: Set<String> = []
        for index in readers.indices {
            for group in readers[index].groups {
                for (target, line) in readers[index].targets(group, modules) {
                    if !keys.insert(target.key).inserted {
                        readers[index].reader.report("\(target.shown) is probed by \(target.module.name) in job \(target.job) twice", line)
                    }
                    targets.append(target)
                }
            }
        }
        if targets.count > maximumTargets {
            readers[0].reader.report("there are \(targets.count) targets; at most \(maximumTargets) are probed", 0)
        }
        if modules.count > maximumModules {
            readers[0].reader.report("there are \(modules.count) modules; at most \(maximumModules) are read", 0)
        }
        let problems = readers.flatMap(\.reader.problems)
        guard problems.isEmpty else { throw YAMLFileProblems(problems: problems) }
        return (modules, targets)
    }

    private mutating func read(_ document: YAMLNode) {
        guard !document.isNull, let fields = reader.fields(document, "The file", ["modules", "probes"]) else { return }
        if let node = fields["modules"] {
            if let entries = node.entries {
                for entry in entries { read(module: entry.value, named: entry.key) }
            } else {
                reader.report("modules is \(node.kind); it must be a mapping of names and modules", node.line)
            }
        }
        groups = reader.elements(fields, "probes")
    }

    private mutating func read(module node: YAMLNode, named key: YAMLNode) {
        guard let name = key.text, !name.isEmpty else { return reader.report("a module has no name", key.line) }
        let subject = "The module \(name)"
        let unsupported = Dictionary(uniqueKeysWithValues: Self.unsupportedProbers.map { ($0, "the console probes by http, tcp and dns") })
        guard let fields = reader.fields(node, subject, ["prober", "timeout", "http", "tcp", "dns"], unsupported: unsupported) else {
            return
        }
        let timeout = reader.duration(fields, "timeout", isPositive: true).map { Duration.milliseconds($0) }
        let prober: ProbeModule.Prober
        switch reader.text(fields, "prober") {
        case "http": prober = .http(http(fields["http"], subject))
        case "tcp": prober = .tcp(tcp(fields["tcp"], subject))
        case "dns": prober = .dns(dns(fields["dns"], subject, node.line))
        case let other?:
            let known = Self.unsupportedProbers.contains(other)
            return reader.report(
                known
                    ? "\(subject): the prober \(other) is not supported; the console has http, tcp and dns"
                    : "\(subject): prober is \"\(other.prefix(80))\"; it must be http, tcp or dns", fields["prober"]?.line ?? node.line)
        case nil: return reader.report("\(subject) has no prober; it must be http, tcp or dns", node.line)
        }
        for other in ["http", "tcp", "dns"] where other != prober.name {
            if let node = fields[other] { reader.report("\(subject): \(other) has no effect; its prober is \(prober.name)", node.line) }
        }
        modules.append((ProbeModule(name: name, prober: prober, timeout: timeout), key.line))
    }

    /// Returns the targets of one element of `probes`.
    private mutating func targets(_ node: YAMLNode, _ modules: [String: ProbeModule]) -> [(ProbeTarget, line: Int)] {
        let known = ["job", "module", "interval", "targets", "labels", "objective"]
        guard let fields = reader.fields(node, "The probe", known) else { return [] }
        let job = reader.text(fields, "job") ?? "probes"
        let milliseconds = reader.duration(fields, "interval", isPositive: true) ?? 15_000
        if !(1_000...86_400_000).contains(milliseconds) {
            reader.report("The probe: interval must be from 1s to 1d", fields["interval"]?.line ?? node.line)
        }
        let interval = Duration.milliseconds(max(1_000, milliseconds))
        var labels: [String: String] = [:]
        for pair in reader.pairs(fields, "labels") {
            let isTaken = ["job", "instance", "module", "phase", "window", LabelSet.nameLabel].contains(pair.name)
            if isTaken || !YAMLFileReader.isLabelName(pair.name) {
                reader.report("The probe: \"\(pair.name)\" is no name of a label, or one that samples have anyway", pair.node.line)
            }
            labels[pair.name] = pair.value
        }
        let objective = objective(fields)
        let names = reader.texts(fields, "targets")
        if names.isEmpty { reader.report("The probe has no targets", fields["targets"]?.line ?? node.line) }
        guard let name = reader.text(fields, "module") else {
            if fields["module"] == nil { reader.report("The probe has no module", node.line) }
            return []
        }
        guard let module = modules[name] else {
            let names = modules.keys.sorted().prefix(20).joined(separator: ", ")
            reader.report("The probe: there is no module \(name.prefix(80)); there are \(names)", fields["module"]?.line ?? node.line)
            return []
        }
        // blackbox_exporter ends half a second before the timeout of its scraper too, so that the answer arrives in time.
        let longest = min(interval - .milliseconds(500), .seconds(119.5))
        let timeout = min(module.timeout ?? longest, longest)
        return names.map { target, line in
            check(target, module, line)
            return (
                ProbeTarget(
                    module: module, target: target, job: job, interval: interval, timeout: timeout, labels: labels, objective: objective),
                line
            )
        }
    }

    private mutating func objective(_ fields: YAMLFileReader.Fields) -> Double? {
        guard let node = fields["objective"] else { return nil }
        var text = node.text ?? ""
        if text.hasSuffix("%") { text.removeLast() }
        // The point is moved in the text: 99.9 % is 0.999, and not what is next to it.
        if let percent = Double(text), percent > 0, percent < 100 { return Double("\(text)e-2") ?? percent / 100 }
        reader.report("The probe: objective is \(node.kind); it must be a percentage between 0 and 100, such as 99.9", node.line)
        return nil
    }

    private mutating func check(_ target: String, _ module: ProbeModule, _ line: Int) {
        switch module.prober {
        case .http:
            let text = target.contains("://") ? target : "http://" + target
            guard let url = HTTPURL(text), url.socketPath == nil else {
                return reader.report("\"\(ProbeTarget.shown(target).prefix(200))\" is no URL that begins with http:// or https://", line)
            }
        case .tcp:
            if TCPProber.hostAndPort(target) == nil {
                reader.report("\"\(target.prefix(200))\" is no host with a port, such as localhost:22 or [::1]:22", line)
            }
        case .dns:
            if target.isEmpty || target.contains("/") {
                reader.report("\"\(target.prefix(200))\" is no name server, such as 192.0.2.1:53", line)
            }
        }
    }
}
