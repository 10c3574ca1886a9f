// Reads YAML documents into trees.

import Telemetry

/// Reads the first document of a text; bytes, depth and values, those of aliases included, are bounded.
package struct YAMLReader {
    /// The bounds of a document.
    package struct Limits: Sendable {
        package var bytes = 1 << 20
        package var depth = 64
        /// Values, with those that aliases repeat.
        package var nodes = 100_000

        package init() {}
    }

    /// True if the system has the library.
    package static var isAvailable: Bool { if case .success = LibYAML.system { true } else { false } }

    private let events: YAMLEvents
    private let limits: Limits
    private var nodeCount = 0
    /// The deepest level in the value that is read, and in those before it.
    private var deepest = 0
    private var anchors: [String: (node: YAMLNode, count: Int, depth: Int)] = [:]

    private init(_ events: YAMLEvents, _ limits: Limits) {
        self.events = events
        self.limits = limits
    }

    /// Returns the document; nil if the text has none.
    package static func document(_ text: [UInt8], limits: Limits = Limits()) throws(YAMLError) -> YAMLNode? {
        guard text.count <= limits.bytes else { throw YAMLError("the file has \(text.count) bytes; at most \(limits.bytes) are read") }
        let library: LibYAML
        do throws(DynamicLibrary.Failure) { library = try LibYAML.system.get() } catch {
            throw YAMLError("expected \(LibYAML.requirement(error))")
        }
        var reader = YAMLReader(YAMLEvents(text, library: library), limits)
        guard try reader.next().kind == .documentStart else { return nil }
        return try reader.node(try reader.next(), depth: 1)
    }

    private func next() throws(YAMLError) -> YAMLEvents.Event {
        do throws(YAMLEvents.Failure) { return try events.next() } catch {
            throw YAMLError(error.reason, line: error.line, column: error.column)
        }
    }

    private mutating func node(_ event: YAMLEvents.Event, depth: Int) throws(YAMLError) -> YAMLNode {
        guard depth <= limits.depth else { throw tooDeep(event) }
        let outer = deepest
        deepest = depth
        defer { deepest = max(deepest, outer) }
        try count(1, event)
        let before = nodeCount
        let content: YAMLNode.Content
        switch event.kind {
        case .scalar(let text, let style): content = .scalar(YAMLNode.Scalar(text: text, style: style))
        case .alias(let name):
            guard let anchor = anchors[name] else {
                throw YAMLError("there is no anchor \"&\(name)\" before this alias", line: event.line, column: event.column)
            }
            // The level of the anchor's own value is that of the alias.
            guard depth + anchor.depth - 1 <= limits.depth else { throw tooDeep(event) }
            deepest = max(deepest, depth + anchor.depth - 1)
            try count(anchor.count, event)
            return anchor.node
        case .sequenceStart:
            var elements: [YAMLNode] = []
            while true {
                let next = try next()
                if next.kind == .end { break }
                elements.append(try node(next, depth: depth + 1))
            }
            content = .sequence(elements)
        case .mappingStart: content = .mapping(try entries(depth: depth))
        default: throw YAMLError("a value is missing", line: event.line, column: event.column)
        }
        let result = YAMLNode(content, line: event.line, column: event.column)
        if let anchor = event.anchor { anchors[anchor] = (result, nodeCount - before, deepest - depth + 1) }
        return result
    }

    private mutating func entries(depth: Int) throws(YAMLError) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        var keys: Set<String> = []
        while true {
            let next = try next()
            if next.kind == .end { return entries }
            let key = try node(next, depth: depth + 1)
            if let name = key.text, !keys.insert(name).inserted {
                throw YAMLError("the key \"\(name.prefix(80))\" is given twice", line: next.line, column: next.column)
            }
            entries.append(YAMLNode.Entry(key: key, value: try node(try self.next(), depth: depth + 1)))
        }
    }

    private func tooDeep(_ event: YAMLEvents.Event) -> YAMLError {
        YAMLError("values are nested more than \(limits.depth) levels deep", line: event.line, column: event.column)
    }

    private mutating func count(_ number: Int, _ event: YAMLEvents.Event) throws(YAMLError) {
        nodeCount += number
        guard nodeCount <= limits.nodes else {
            throw YAMLError("the document has more than \(limits.nodes) values", line: event.line, column: event.column)
        }
    }
}
