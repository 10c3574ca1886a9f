// Builds trees from spans, including spans with missing or cyclic parents.

/// The spans of one trace in tree order, each exactly once.
struct TraceForest {
    /// The reason that a span is a root of the forest.
    enum Root: Equatable {
        /// The span has no parent.
        case origin
        /// The parent is remote and not among the spans.
        case remoteParent
        /// The parent is local and not among the spans.
        case missingParent
        /// The parents form a cycle.
        case cycle
    }

    /// A span and its position.
    struct Node {
        var span: TraceTreeSpan
        /// Nil unless the span is a root.
        var root: Root?
        var depth: Int
        var isLastSibling: Bool
        var hasChildren: Bool
    }

    /// The spans from top to bottom: roots without parent first, then other roots; siblings are ordered by start.
    private(set) var nodes: [Node] = []
    /// The number of spans dropped because an earlier one has the same identifier.
    private(set) var duplicateCount = 0

    init(_ spans: [TraceTreeSpan]) {
        var known: Set<SpanID> = []
        let unique = spans.filter { known.insert($0.spanID).inserted }.sorted(by: Self.precedes)
        duplicateCount = spans.count - unique.count

        var children: [SpanID: [Int]] = [:]
        var roots: [(place: Int, root: Root)] = []
        var orphans: [(place: Int, root: Root)] = []
        for (place, span) in unique.enumerated() {
            if !span.parentSpanID.isValid {
                roots.append((place, .origin))
            } else if known.contains(span.parentSpanID) {
                children[span.parentSpanID, default: []].append(place)
            } else {
                orphans.append((place, span.hasRemoteParent ? .remoteParent : .missingParent))
            }
        }

        nodes.reserveCapacity(unique.count)
        var isVisited = Array(repeating: false, count: unique.count)
        for (place, root) in roots + orphans { append(place, root, unique, children, &isVisited) }
        // Spans that no root reaches belong to a cycle: its earliest span becomes a root, which ends the cycle.
        for place in unique.indices where !isVisited[place] { append(place, .cycle, unique, children, &isVisited) }
    }

    /// Adds a tree. It does not recurse, since a trace may be deeper than the stack of the thread.
    private mutating func append(
        _ place: Int, _ root: Root, _ spans: [TraceTreeSpan], _ children: [SpanID: [Int]], _ isVisited: inout [Bool]
    ) {
        isVisited[place] = true
        var waiting: [(place: Int, depth: Int, isLast: Bool, root: Root?)] = [(place, 0, true, root)]
        while let next = waiting.popLast() {
            let span = spans[next.place]
            let below = (children[span.spanID] ?? []).filter { !isVisited[$0] }
            nodes.append(
                Node(span: span, root: next.root, depth: next.depth, isLastSibling: next.isLast, hasChildren: !below.isEmpty))
            for child in below.reversed() {
                isVisited[child] = true
                waiting.append((child, next.depth + 1, child == below.last, nil))
            }
        }
    }

    /// Orders by start, then by identifier, so that the order of arrival has no effect.
    private static func precedes(_ left: TraceTreeSpan, _ right: TraceTreeSpan) -> Bool {
        (left.startTime.nanosecondsSinceEpoch, left.spanID.number) < (right.startTime.nanosecondsSinceEpoch, right.spanID.number)
    }
}
