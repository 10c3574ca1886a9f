// A trace in a list.

/// What a list says about a trace.
struct TraceSummary {
    struct Service {
        let name: String
        var spans = 0
        var errors = 0
    }

    let key: TraceKey
    let start: UInt64
    let duration: UInt64
    let name: String
    let service: String
    let kind: UInt8
    /// In the order of their first spans.
    let services: [Service]
    let spans: Int
    let errors: Int
    /// Whether the root is there, and no other span lacks its parent.
    let isComplete: Bool
    /// Spans that have not ended.
    let open: Int
    let run: String

    init(_ trace: TraceSpans, runs: RunNames) {
        key = trace.key
        var services: [Service] = []
        var numbers: [String: Int] = [:]
        var (errors, open, latest) = (0, 0, UInt64.min)
        for place in trace.places {
            let block = trace.blocks[place.block]
            let service = block.serviceName(place.row)
            let number = numbers[service] ?? services.count
            if number == services.count {
                numbers[service] = number
                services.append(Service(name: service))
            }
            services[number].spans += 1
            if block.isError(place.row) {
                services[number].errors += 1
                errors += 1
            }
            if trace.isOpen(place) { open += 1 }
            latest = max(latest, trace.end(place))
        }
        let orphans = trace.orphans
        let root = trace.places.first { trace.parent($0) == 0 }
        // Without a root the trace is called by the first span whose parent is missing.
        let first = root ?? trace.places.indices.first { orphans[$0] }.map { trace.places[$0] } ?? trace.places.first
        start = trace.places.first.map { trace.start($0) } ?? 0
        duration = latest > start ? latest - start : 0
        name = first.map { trace.blocks[$0.block].nameText($0.row) } ?? ""
        service = first.map { trace.blocks[$0.block].serviceName($0.row) } ?? ""
        kind = first.map { trace.blocks[$0.block].kind($0.row) } ?? 0
        run = first.map { runs.name(trace.blocks[$0.block].run) } ?? ""
        spans = trace.places.count
        isComplete = root != nil && !orphans.contains(true) && trace.evicted == 0
        self.services = services
        self.errors = errors
        self.open = open
    }
}
