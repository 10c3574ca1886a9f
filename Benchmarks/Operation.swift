// One row by itself: what the checks and comparisons with other programs run.

/// A piece of work that a row measures, by a name that other programs can use too.
struct Operation: Sendable {
    /// Performs this many calls on the calling thread.
    typealias Work = @Sendable (Int) -> Void

    /// Lower case, words joined by `-`: `counter-bound`.
    let name: String
    /// The calls of a round; what has to be queued fits into the queue.
    var callsARound = 20_000
    /// How often a check calls it under an emulator that counts instructions.
    var checkedCalls = 20_000
    /// Whether a check counts the instructions of all threads, and not of the calling one alone.
    var isSharedWork = false
    /// Makes the work and what is done between two rounds, which is not measured.
    let prepare: @Sendable () throws -> (work: Work, between: @Sendable () -> Void)

    static let all = MetricOperations.all + SpanOperations.all + InstrumentationOperations.all + DeliveryOperations.all

    static func named(_ name: String) -> Operation? { all.first { $0.name == name } }

    init(
        _ name: String, callsARound: Int = 20_000, checkedCalls: Int = 20_000, isSharedWork: Bool = false,
        prepare: @escaping @Sendable () throws -> (work: Work, between: @Sendable () -> Void)
    ) {
        self.name = name
        self.callsARound = callsARound
        self.checkedCalls = checkedCalls
        self.isSharedWork = isSharedWork
        self.prepare = prepare
    }
}

extension Operation {
    /// Calls the work so often on each of several threads, and returns the line of the protocol.
    ///
    /// `peer,row,threads,ops,cpu_min,cpu_median,wall_median,process_cpu`: calls in all; then nanoseconds a call, of the calling threads
    /// in the best round and in the median, of the wall clock, and of the whole process from beginning to end.
    func run(calls: Int, threads: Int) throws -> String {
        let (work, between) = try prepare()
        let rounds = max(1, calls / callsARound)
        let callsARound = max(1, calls / rounds)
        work(Self.warmUp)
        between()
        let start = Measurement.processTime()
        let costs = Measurement.rounds(rounds, threads: threads, calls: callsARound, between: between, work)
        let process = Double(Measurement.processTime() - start) / Double(rounds * threads * callsARound)
        let (processor, wall) = (costs.map(\.processor).sorted(), costs.map(\.wall).sorted())
        let figures = [processor[0], processor[rounds / 2], wall[rounds / 2], process].map(Self.text)
        return "swift-telemetry,\(name),\(threads),\(rounds * threads * callsARound),\(figures.joined(separator: ","))"
    }

    /// Makes so many calls on this thread, and returns the allocations of a call: in the best round, without those of other threads.
    func allocations(calls: Int) throws -> Double {
        let (work, between) = try prepare()
        let rounds = max(1, calls / callsARound)
        let callsARound = max(1, calls / rounds)
        work(Self.warmUp)
        between()
        let counts = (0..<rounds).map { _ in
            let count = Measurement.allocations { work(callsARound) }
            between()
            return Double(count) / Double(callsARound)
        }
        return counts.min() ?? 0
    }

    /// Calls before the first round, the same at every number of calls, so that the difference of two runs holds none of them.
    private static let warmUp = 200

    private static func text(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
