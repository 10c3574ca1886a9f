// Arranges the spans of one trace as trees, whatever their parents claim.

/// The spans of one trace, arranged: every span stands in it exactly once.
struct TraceForest {
    /// Why a span stands at the top.
    enum Root: Equatable {
        /// It has no parent.
        case origin
        /// Its parent ran in another process and is not among the spans.
        case remoteParent
        /// Its parent is not among the spans.
        case missingParent
        /// Following the parents leads back to it.
        case cycle
    }

    /// One span and where it stands.
    struct Node {
        var span: TraceTreeSpan
        /// Nil for a span below another.
        var root: Root?
        var depth: Int
        var isLastSibling: Bool
        var hasChildren: Bool
    }

    /// The spans from top to bottom: origins first, then the others without a parent here; siblings by their start.
    private(set) var nodes: [Node] = []
    /// Spans left out because an earlier one has the same identifier.
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
        var isPlaced = Array(repeating: false, count: unique.count)
        for (place, root) in roots + orphans { append(place, root, unique, children, &isPlaced) }
        // What no root leads to hangs on a cycle: the earliest span of it becomes the top, and the cycle ends there.
        for place in unique.indices where !isPlaced[place] { append(place, .cycle, unique, children, &isPlaced) }
    }

    /// Adds a tree. The way down is kept in a list: a trace may be deeper than the stack of the thread.
    private mutating func append(
        _ place: Int, _ root: Root, _ spans: [TraceTreeSpan], _ children: [SpanID: [Int]], _ isPlaced: inout [Bool]
    ) {
        isPlaced[place] = true
        var waiting: [(place: Int, depth: Int, isLast: Bool, root: Root?)] = [(place, 0, true, root)]
        while let next = waiting.popLast() {
            let span = spans[next.place]
            let below = (children[span.spanID] ?? []).filter { !isPlaced[$0] }
            nodes.append(
                Node(span: span, root: next.root, depth: next.depth, isLastSibling: next.isLast, hasChildren: !below.isEmpty))
            for child in below.reversed() {
                isPlaced[child] = true
                waiting.append((child, next.depth + 1, child == below.last, nil))
            }
        }
    }

    /// By start; identifiers decide between equal starts, so that the order of arrival never shows.
    private static func precedes(_ left: TraceTreeSpan, _ right: TraceTreeSpan) -> Bool {
        (left.startTime.nanosecondsSinceEpoch, left.spanID.number) < (right.startTime.nanosecondsSinceEpoch, right.spanID.number)
    }
}
