// Reads YAML through the system's libyaml, which is loaded when the first document is read.

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

    private static let library: Result<YAMLLibrary, DynamicLibrary.Failure> = {
        do throws(DynamicLibrary.Failure) { return .success(try YAMLLibrary()) } catch { return .failure(error) }
    }()

    /// True if the system has the library.
    package static var isAvailable: Bool { if case .success = library { true } else { false } }

    private let limits: Limits
    private var nodeCount = 0
    private var anchors: [String: (node: YAMLNode, count: Int)] = [:]

    private init(_ limits: Limits) {
        self.limits = limits
    }

    /// Returns the document; nil if the text has none.
    package static func document(_ text: [UInt8], limits: Limits = Limits()) throws(YAMLError) -> YAMLNode? {
        guard text.count <= limits.bytes else { throw YAMLError("the file has \(text.count) bytes; at most \(limits.bytes) are read") }
        let library: YAMLLibrary
        do throws(DynamicLibrary.Failure) { library = try Self.library.get() } catch {
            throw YAMLError("YAML cannot be read without libyaml (\(error)); Debian's package is libyaml-0-2")
        }
        var reader = YAMLReader(limits)
        return try text.withUnsafeBytes { bytes -> Result<YAMLNode?, YAMLError> in
            let events = library.events(of: bytes)
            defer { events.end() }
            do throws(YAMLError) { return .success(try reader.document(events)) } catch { return .failure(error) }
        }.get()
    }

    private mutating func document(_ events: YAMLEvents) throws(YAMLError) -> YAMLNode? {
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamEnd: return nil
            case .documentStart: return try node(try events.next(), events, depth: 1)
            default: continue
            }
        }
    }

    private mutating func node(_ event: YAMLEvent, _ events: YAMLEvents, depth: Int) throws(YAMLError) -> YAMLNode {
        guard depth <= limits.depth else {
            throw YAMLError("values are nested more than \(limits.depth) levels deep", line: event.line, column: event.column)
        }
        try count(1, event)
        let before = nodeCount
        let content: YAMLNode.Content
        switch event.kind {
        case .scalar(let scalar): content = .scalar(scalar)
        case .alias(let name):
            guard let anchor = anchors[name] else {
                throw YAMLError("there is no anchor \"&\(name)\" before this alias", line: event.line, column: event.column)
            }
            try count(anchor.count, event)
            return anchor.node
        case .sequenceStart:
            var elements: [YAMLNode] = []
            while true {
                let next = try events.next()
                if case .sequenceEnd = next.kind { break }
                elements.append(try node(next, events, depth: depth + 1))
            }
            content = .sequence(elements)
        case .mappingStart: content = .mapping(try entries(events, depth: depth))
        default: throw YAMLError("a value is missing", line: event.line, column: event.column)
        }
        let result = YAMLNode(content, line: event.line, column: event.column)
        if let anchor = event.anchor { anchors[anchor] = (result, nodeCount - before) }
        return result
    }

    private mutating func entries(_ events: YAMLEvents, depth: Int) throws(YAMLError) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        var keys: Set<String> = []
        while true {
            let next = try events.next()
            if case .mappingEnd = next.kind { return entries }
            let key = try node(next, events, depth: depth + 1)
            if let name = key.text, !keys.insert(name).inserted {
                throw YAMLError("the key \"\(name.prefix(80))\" is given twice", line: next.line, column: next.column)
            }
            entries.append(YAMLNode.Entry(key: key, value: try node(try events.next(), events, depth: depth + 1)))
        }
    }

    private mutating func count(_ number: Int, _ event: YAMLEvent) throws(YAMLError) {
        nodeCount += number
        guard nodeCount <= limits.nodes else {
            throw YAMLError("the document has more than \(limits.nodes) values", line: event.line, column: event.column)
        }
    }
}
