// The figures of services and of their routes: rate, errors, durations.

/// What services have answered, by the spans of their servers and consumers.
struct ServiceFigures {
    /// A route of a service, by the name of its spans.
    struct Route {
        let name: String
        let kind: UInt8
        var figures = CallFigures()
    }

    struct Service {
        let name: String
        /// All spans of the service, of whatever kind.
        var spans = 0
        var lastSeen: UInt64 = 0
        var figures = CallFigures()
        var routes: [Route] = []
        /// The figures of each step; empty where none are asked for.
        var history: [CallFigures] = []
        fileprivate var routeNumbers: [String: Int] = [:]
    }

    /// Equal parts of a time that end with the one that is not over; they begin at whole multiples of their length, so that they stay where they are
    /// while time goes on.
    struct Steps {
        let start: UInt64
        let length: UInt64
        let count: Int

        /// - Parameter window: has a beginning.
        init(_ count: Int, of window: TimeWindow, now: UInt64) {
            let end = min(window.to, now)
            length = max(1, (end - min(end, window.from)) / UInt64(count))
            let last = (max(end, 1) - 1) / length
            start = (last - min(last, UInt64(count - 1))) * length
            self.count = count
        }

        func index(of time: UInt64) -> Int? {
            guard time >= start, (time - start) / length < UInt64(count) else { return nil }
            return Int((time - start) / length)
        }

        var seconds: Double { Double(length) / 1e9 }
    }

    /// Services that have a history; a later one has none.
    private static let maximumHistories = 500
    /// Routes of a service that are told apart; the others are counted together.
    private static let maximumRoutes = 500
    static let otherRoutes = "… (other routes)"

    private(set) var services: [Service] = []
    /// The length of the time that the figures are about, in seconds.
    private(set) var seconds = 1.0
    private(set) var isPartial = false
    let steps: Steps?
    private var numbers: [String: Int] = [:]
    private var histories = 0

    /// - Parameter steps: the steps of the history of each service.
    init(_ blocks: [SpanBlock], _ window: TimeWindow, steps: Steps? = nil, now: UInt64, within duration: Duration) {
        self.steps = steps
        var deadline = QueryDeadline(duration)
        var known = SpanIDTable(capacity: blocks.reduce(0) { $0 + $1.count })
        var earliest = UInt64.max
        var isOver = false
        for (number, block) in blocks.enumerated().reversed() where !isOver {
            let services = block.origins.services.texts.map { self.number(of: $0) }
            let byScope = block.origins.scopes.map { services[Int(block.origins.resources[Int($0.resource)].service)] }
            var routes: [UInt64: Int] = [:]
            for row in 0..<block.count {
                guard deadline.countsRow() else {
                    isOver = true
                    break
                }
                let time = block.sortTime(row)
                guard window.contains(time), known.add(block.spanID[row], block: number, row: row) else { continue }
                earliest = min(earliest, time)
                let service = byScope[Int(block.places.scope[row])]
                let duration = block.duration[row]
                let end = duration == SpanBlock.open ? time : time &+ duration
                self.services[service].spans += 1
                self.services[service].lastSeen = max(self.services[service].lastSeen, end)
                let kind = block.kind(row)
                guard kind == 2 || kind == 5 else { continue }
                let key = UInt64(service) << 40 | UInt64(kind) << 32 | UInt64(block.name[row])
                let route = routes[key] ?? self.route(block.nameText(row), kind, of: service)
                routes[key] = route
                let (weight, isError) = (block.weight[row], block.isError(row))
                self.services[service].figures.add(duration: duration, weight: weight, isError: isError, end: end)
                self.services[service].routes[route].figures.add(duration: duration, weight: weight, isError: isError, end: end)
                guard let steps, let step = steps.index(of: time), hasHistory(service, steps.count) else { continue }
                self.services[service].history[step].add(duration: duration, weight: weight, isError: isError, end: end)
            }
        }
        isPartial = deadline.hasPassed
        let start = window.from > 0 ? window.from : earliest == .max ? now : earliest
        let end = min(window.to, now)
        seconds = end > start ? max(1, Double(end - start) / 1e9) : 1
        services.removeAll { $0.spans == 0 }
        services.sort { $0.name < $1.name }
    }

    private mutating func number(of name: String) -> Int {
        if let number = numbers[name] { return number }
        numbers[name] = services.count
        services.append(Service(name: name))
        return services.count - 1
    }

    private mutating func hasHistory(_ service: Int, _ count: Int) -> Bool {
        if services[service].history.isEmpty, histories < Self.maximumHistories {
            histories += 1
            services[service].history = [CallFigures](repeating: CallFigures(), count: count)
        }
        return !services[service].history.isEmpty
    }

    private mutating func route(_ name: String, _ kind: UInt8, of service: Int) -> Int {
        let key = "\(kind) \(name)"
        if let number = services[service].routeNumbers[key] { return number }
        guard services[service].routes.count < Self.maximumRoutes || name == Self.otherRoutes else {
            return route(Self.otherRoutes, 0, of: service)
        }
        let number = services[service].routes.count
        services[service].routes.append(Route(name: name, kind: kind))
        services[service].routeNumbers[key] = number
        return number
    }
}
