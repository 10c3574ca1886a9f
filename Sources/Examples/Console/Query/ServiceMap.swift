// Who calls whom, by the spans of clients and servers.

/// The services, databases, queues and strangers that spans tell of, and the calls between them.
struct ServiceMap {
    enum NodeKind: String {
        case service, database, messaging, external
    }

    struct Node {
        let name: String
        let kind: NodeKind
        var figures = CallFigures()
    }

    struct Edge {
        let from: Int
        let to: Int
        var figures = CallFigures()
    }

    private struct NodeKey: Hashable {
        let kind: NodeKind
        let name: String
    }

    /// Nodes that are told apart; calls of others are counted for one that stands for them.
    private static let maximumNodes = 500

    private(set) var nodes: [Node] = []
    private(set) var edges: [Edge] = []
    private(set) var isPartial = false
    private(set) var seconds = 1.0
    private var nodeNumbers: [NodeKey: Int] = [:]
    private var edgeNumbers: [UInt64: Int] = [:]

    init(_ blocks: [SpanBlock], _ window: TimeWindow, now: UInt64, within duration: Duration) {
        var deadline = QueryDeadline(duration)
        var table = SpanIDTable(capacity: blocks.reduce(0) { $0 + $1.count })
        var earliest = UInt64.max
        var rows: [[Int32]] = blocks.map { _ in [] }
        for (number, block) in blocks.enumerated().reversed() {
            for row in 0..<block.count {
                guard deadline.check(every: 4_096, row) else { break }
                let time = block.sortTime(row)
                guard window.contains(time), table.add(block.spanID[row], block: number, row: row) else { continue }
                earliest = min(earliest, time)
                rows[number].append(Int32(row))
            }
        }
        let start = window.from > 0 ? window.from : earliest == .max ? now : earliest
        let end = min(window.to, now)
        seconds = end > start ? max(1, Double(end - start) / 1e9) : 1
        let services = blocks.map { block in block.origins.services.texts.map { self.node($0, .service) } }
        var answered: Set<UInt64> = []
        for (number, block) in blocks.enumerated() {
            for row in rows[number].lazy.map(Int.init) {
                let kind = block.kind(row)
                guard kind == 2 || kind == 5 else { continue }
                let service = services[number][Int(block.serviceNumber(row))]
                add(block, row, to: &nodes[service].figures)
                guard let parent = table.find(block.parent[row]) else { continue }
                let (callerBlock, callerRow) = (blocks[Int(parent.block)], Int(parent.row))
                let caller = services[Int(parent.block)][Int(callerBlock.serviceNumber(callerRow))]
                let callerKind = callerBlock.kind(callerRow)
                if callerKind == 3 || callerKind == 4 { answered.insert(block.parent[row]) }
                // A consumer whose producer is known is called by way of the queue between them.
                if kind == 5, let queue = messaging(block, row) ?? messaging(callerBlock, callerRow) {
                    add(block, row, from: queue, to: service)
                    add(callerBlock, callerRow, from: caller, to: queue)
                } else if callerKind == 3 || callerKind == 4 || caller != service {
                    add(block, row, from: caller, to: service)
                }
            }
        }
        for (number, block) in blocks.enumerated() {
            for row in rows[number].lazy.map(Int.init) {
                let kind = block.kind(row)
                guard deadline.check(every: 256, row) else { break }
                if kind == 5, table.find(block.parent[row]) == nil, let queue = messaging(block, row) {
                    add(block, row, from: queue, to: services[number][Int(block.serviceNumber(row))])
                }
                guard kind == 3 || kind == 4, !answered.contains(block.spanID[row]), let peer = peer(block, row) else { continue }
                add(block, row, from: services[number][Int(block.serviceNumber(row))], to: peer)
                add(block, row, to: &nodes[peer].figures)
            }
        }
        isPartial = deadline.hasPassed
        dropUnused()
    }

    /// Removes services that were interned but have no span in the window.
    private mutating func dropUnused() {
        var used = Set(edges.flatMap { [$0.from, $0.to] })
        for (number, node) in nodes.enumerated() where node.figures.calls > 0 { used.insert(number) }
        let kept = nodes.indices.filter { used.contains($0) }
        let numbers = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($0.element, $0.offset) })
        nodes = kept.map { nodes[$0] }
        edges = edges.map { Edge(from: numbers[$0.from] ?? 0, to: numbers[$0.to] ?? 0, figures: $0.figures) }
    }

    private func add(_ block: SpanBlock, _ row: Int, to figures: inout CallFigures) {
        let duration = block.duration[row]
        let end = duration == SpanBlock.open ? block.start[row] : block.start[row] &+ duration
        figures.add(duration: duration, weight: block.weight[row], isError: block.isError(row), end: end)
    }

    private mutating func add(_ block: SpanBlock, _ row: Int, from: Int, to: Int) {
        let key = UInt64(from) << 32 | UInt64(to)
        let number = edgeNumbers[key] ?? edges.count
        if number == edges.count {
            edgeNumbers[key] = number
            edges.append(Edge(from: from, to: to))
        }
        add(block, row, to: &edges[number].figures)
    }

    private mutating func node(_ name: String, _ kind: NodeKind) -> Int {
        let key = NodeKey(kind: kind, name: name)
        if let number = nodeNumbers[key] { return number }
        if nodes.count >= Self.maximumNodes, name != "… (others)" { return node("… (others)", kind) }
        nodeNumbers[key] = nodes.count
        nodes.append(Node(name: name, kind: kind))
        return nodes.count - 1
    }

    private mutating func messaging(_ block: SpanBlock, _ row: Int) -> Int? {
        let peer = PeerAttributes(block, row)
        guard let system = peer.messagingSystem else { return nil }
        return node(peer.messagingDestination.map { "\(system) \($0)" } ?? system, .messaging)
    }

    /// Returns the node that a client called which has no spans of its own; nil if the client does not say.
    private mutating func peer(_ block: SpanBlock, _ row: Int) -> Int? {
        let peer = PeerAttributes(block, row)
        if let system = peer.databaseSystem {
            return node(peer.databaseName.map { "\(system) \($0)" } ?? system, .database)
        }
        if let system = peer.messagingSystem {
            return node(peer.messagingDestination.map { "\(system) \($0)" } ?? system, .messaging)
        }
        return (peer.service ?? peer.address).map { node($0, .external) }
    }
}
