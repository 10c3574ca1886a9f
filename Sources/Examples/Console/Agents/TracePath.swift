// Which spans of a trace it has waited for, and what stands out in them.

import Telemetry

/// A trace as a tree, with its critical path.
struct TracePath {
    /// Equal calls of one span, one after another.
    struct Repetition {
        let parent: Int
        /// Places in the trace, in the order of their starts.
        let spans: [Int]
    }

    let trace: TraceSpans
    private(set) var children: [[Int]]
    /// The nanoseconds that the trace would have been shorter without the span's own work.
    private(set) var critical: [UInt64]
    /// The root whose tree is the longest.
    private(set) var root = 0

    init(_ trace: TraceSpans) {
        self.trace = trace
        let places = trace.places
        children = [[Int]](repeating: [], count: places.count)
        critical = [UInt64](repeating: 0, count: places.count)
        var numbers: [UInt64: Int] = [:]
        for (number, place) in places.enumerated() { numbers[trace.id(place)] = number }
        let orphans = trace.orphans
        var roots: [Int] = []
        for (number, place) in places.enumerated() {
            if trace.parent(place) != 0, !orphans[number], let parent = numbers[trace.parent(place)] {
                children[parent].append(number)
            } else {
                roots.append(number)
            }
        }
        root = roots.max { length($0) < length($1) } ?? 0
        if !places.isEmpty { walk() }
    }

    private func start(_ span: Int) -> UInt64 { trace.start(trace.places[span]) }

    private func end(_ span: Int) -> UInt64 { trace.end(trace.places[span]) }

    func length(_ span: Int) -> UInt64 { end(span) - min(start(span), end(span)) }

    /// Walks from the end of the root back to the child that ended last, again and again.
    private mutating func walk() {
        var stack = [(root, end(root))]
        var visited = Set<Int>()
        while let (span, limit) = stack.popLast() {
            guard visited.insert(span).inserted else { continue }
            var cursor = min(end(span), limit)
            for child in children[span].sorted(by: { end($0) > end($1) }) {
                // A child that outlives its parent was not waited for.
                if start(child) >= cursor || end(child) > cursor || end(child) <= start(span) { continue }
                critical[span] += cursor - end(child)
                stack.append((child, end(child)))
                cursor = max(start(child), start(span))
                if cursor <= start(span) { break }
            }
            if cursor > start(span) { critical[span] += cursor - start(span) }
        }
    }

    func block(_ span: Int) -> (SpanBlock, Int) {
        let place = trace.places[span]
        return (trace.blocks[place.block], place.row)
    }

    func service(_ span: Int) -> String {
        let (block, row) = block(span)
        return block.serviceName(row)
    }

    func name(_ span: Int) -> String {
        let (block, row) = block(span)
        return block.nameText(row)
    }

    func kind(_ span: Int) -> UInt8 {
        let (block, row) = block(span)
        return block.kind(row)
    }

    func isError(_ span: Int) -> Bool {
        let (block, row) = block(span)
        return block.isError(row)
    }

    /// The failed spans below which nothing has failed.
    var failures: [Int] { trace.places.indices.filter { isError($0) && !children[$0].contains(where: isError) } }

    /// Three equal calls or more of one span that did not overlap, the most frequent first.
    var repetitions: [Repetition] {
        var found: [Repetition] = []
        for parent in children.indices where children[parent].count >= 3 {
            for spans in Dictionary(grouping: children[parent], by: { "\(service($0))\u{0}\(name($0))\u{0}\(kind($0))" }).values
            where spans.count >= 3 {
                let ordered = spans.sorted { start($0) < start($1) }
                let isInTurn = zip(ordered, ordered.dropFirst()).allSatisfy { start($0.1) >= end($0.0) }
                if isInTurn { found.append(Repetition(parent: parent, spans: ordered)) }
            }
        }
        return found.sorted { ($1.spans.count, $0.parent) < ($0.spans.count, $1.parent) }
    }

    /// The attributes of a span that say what it did, as texts.
    func details(_ span: Int, _ wanted: (String) -> Bool = TracePath.isTelling) -> [(key: String, value: String)] {
        let (block, row) = block(span)
        var found: [(String, String)] = []
        block.withMessage(row) { message in
            _ = AttributeWalk.forEach(9, of: message) { key, value in
                let key = Untrusted.text(key, limit: 128)
                if wanted(key), let text = Self.text(value) { found.append((key, text)) }
                return found.count < 12
            }
            let parts = SpanParts(message)
            if !parts.statusMessage.isEmpty { found.append(("status_message", Untrusted.text(parts.statusMessage, limit: 512))) }
            found += Self.exception(message)
        }
        return found.map { (key: $0.0, value: $0.1) }
    }

    /// Returns type and message of the first exception of a span.
    private static func exception(_ message: UnsafeRawBufferPointer) -> [(String, String)] {
        var found: [(String, String)] = []
        var walker = WireWalker(message)
        while (try? walker.next()) == true, found.isEmpty {
            guard walker.number == 11, walker.hasContent else { continue }
            _ = AttributeWalk.forEach(3, of: walker.content) { key, value in
                let key = Untrusted.text(key, limit: 128)
                if key == "exception.type" || key == "exception.message", let text = text(value) { found.append((key, text)) }
                return true
            }
        }
        return found
    }

    private static func text(_ value: UnsafeRawBufferPointer) -> String? {
        switch AttributeWalk.value(value) {
        case .text(let text): Untrusted.text(text, limit: 512)
        case .bool(let truth): "\(truth)"
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .other: nil
        }
    }

    static func isTelling(_ key: String) -> Bool {
        telling.contains(key) || key.hasPrefix("config.") || key.hasPrefix("pool.")
    }

    private static let telling: Set = [
        "db.system.name", "db.system", "db.namespace", "db.query.text", "db.statement", "db.query.summary", "db.collection.name",
        "http.route", "url.full",
        "url.path", "http.request.method", "http.response.status_code", "http.request.resend_count", "server.address", "server.port",
        "error.type",
        "messaging.system", "messaging.destination.name", "rpc.service", "rpc.method",
    ]
}
