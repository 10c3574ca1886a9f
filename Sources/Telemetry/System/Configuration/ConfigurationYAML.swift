// Reads YAML into the tree of a configuration.

/// Composes a tree from the events of a YAML text, within bounds.
struct ConfigurationYAML {
    /// The key whose value is merged: no part of YAML 1.2, but of most libraries that read it. (<https://yaml.org/type/merge.html>)
    private static let mergeKey = "<<"

    private let events: YAMLEvents
    private let scalars: ConfigurationScalar
    private var anchors: [String: ConfigurationNode] = [:]
    private var count = 0
    private var depth = 0

    /// Why reading ends early; it has been told.
    private struct Stop: Error {}

    private var problems: ConfigurationProblems { scalars.problems }

    /// Returns the tree of a text; nil if it is none, which is told.
    static func node(of text: [UInt8], library: LibYAML, scalars: ConfigurationScalar) -> ConfigurationNode? {
        var reader = ConfigurationYAML(events: YAMLEvents(text, library: library), scalars: scalars)
        do throws(Stop) { return try reader.document() } catch { return nil }
    }

    private init(events: YAMLEvents, scalars: ConfigurationScalar) {
        self.events = events
        self.scalars = scalars
    }

    private func next() throws(Stop) -> YAMLEvents.Event {
        do throws(YAMLEvents.Failure) {
            return try events.next()
        } catch {
            // libyaml takes the colon of `{drop:}` for a part of the text before it.
            let hint = error.reason.contains("unexpected ':'") ? "; a key without a value needs a space after its colon: {drop: }" : ""
            throw stop("it is not YAML: \(error.reason)\(hint)", ConfigurationPlace(line: error.line, column: error.column))
        }
    }

    private func stop(_ message: String, _ place: ConfigurationPlace) -> Stop {
        problems.fail(message, at: place)
        return Stop()
    }

    private mutating func document() throws(Stop) -> ConfigurationNode {
        var event = try next()
        guard event.kind == .documentStart else {
            return ConfigurationNode(content: .null, place: ConfigurationPlace(line: 1, column: 1))
        }
        let root = try node(try next())
        event = try next()
        guard event.kind == .streamEnd else {
            throw stop("a second document begins; expected one document in a file", event.place)
        }
        return root
    }

    private mutating func node(_ event: YAMLEvents.Event) throws(Stop) -> ConfigurationNode {
        count += 1
        guard count <= ConfigurationLimits.nodes else {
            throw stop("the file has more than \(ConfigurationLimits.nodes) values; aliases count with all that they repeat", event.place)
        }
        let node: ConfigurationNode
        switch event.kind {
        case .scalar(let text, let style): node = scalars.node(text, isPlain: style == .plain, tag: event.tag, at: event.place)
        case .sequenceStart: node = try nested(event) { (reader) throws(Stop) in try reader.sequence(event.place) }
        case .mappingStart: node = try nested(event) { (reader) throws(Stop) in try reader.mapping(event.place) }
        case .alias(let name): return try alias(name, event.place)
        case .documentStart, .streamEnd, .end: throw stop("it is not YAML: the file ends too early", event.place)
        }
        if let anchor = event.anchor { anchors[anchor] = node }
        return node
    }

    private mutating func nested(
        _ event: YAMLEvents.Event, _ body: (inout ConfigurationYAML) throws(Stop) -> ConfigurationNode
    ) throws(Stop) -> ConfigurationNode {
        if let tag = event.tag, !["tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!"].contains(tag) {
            problems.fail("the tag <\(tag)> cannot be used; expected no tag", at: event.place)
        }
        guard depth < ConfigurationLimits.depth else {
            throw stop("values are nested in more than \(ConfigurationLimits.depth) levels", event.place)
        }
        depth += 1
        let node = try body(&self)
        depth -= 1
        return node
    }

    private mutating func alias(_ name: String, _ place: ConfigurationPlace) throws(Stop) -> ConfigurationNode {
        guard let node = anchors[name] else {
            problems.fail("the alias *\(name) refers to nothing; expected an anchor &\(name) on a value before it", at: place)
            return ConfigurationNode(content: .unusable, place: place)
        }
        guard depth + node.depth <= ConfigurationLimits.depth else {
            throw stop("values are nested in more than \(ConfigurationLimits.depth) levels; aliases count with all that they repeat", place)
        }
        count += node.count
        guard count <= ConfigurationLimits.nodes else {
            throw stop("the file has more than \(ConfigurationLimits.nodes) values; aliases count with all that they repeat", place)
        }
        return node
    }

    private mutating func sequence(_ place: ConfigurationPlace) throws(Stop) -> ConfigurationNode {
        var elements: [ConfigurationNode] = []
        var event = try next()
        while event.kind != .end {
            elements.append(try node(event))
            event = try next()
        }
        return ConfigurationNode(
            content: .sequence(elements), place: place, count: elements.reduce(1) { $0 + $1.count },
            depth: 1 + (elements.map(\.depth).max() ?? 0))
    }

    private mutating func mapping(_ place: ConfigurationPlace) throws(Stop) -> ConfigurationNode {
        var members = ConfigurationMembers(problems)
        var event = try next()
        while event.kind != .end {
            guard case .scalar(let key, let style) = event.kind else {
                throw stop("a key must be a text", event.place)
            }
            let value = try node(try next())
            if key == Self.mergeKey, style == .plain { members.merge(value, event.place) } else { members.append(key, event.place, value) }
            event = try next()
        }
        return members.node(at: place)
    }
}

extension YAMLEvents.Event {
    fileprivate var place: ConfigurationPlace { ConfigurationPlace(line: line, column: column) }
}
