// The metrics of a pool of connections to a database.

/// The metrics of a pool of connections to a database, as the semantic conventions name them.
///
/// ```swift
/// let metrics = DatabasePoolMetrics(telemetry.meter("tweets"), of: tweets, maximum: 20) { pool.usage }
/// metrics.recordWait(.milliseconds(3))
/// ```
///
/// How many connections there are is asked for in each collection, as long as the value is kept. (Semantic conventions: database metrics,
/// "Connection pools".)
public final class DatabasePoolMetrics: Sendable {
    /// How a pool stands at one moment.
    public struct Usage: Sendable, Hashable {
        public var idle: Int
        public var used: Int
        /// Requests for a connection that wait for one.
        public var pendingRequests: Int

        public init(idle: Int, used: Int, pendingRequests: Int) {
            self.idle = idle
            self.used = used
            self.pendingRequests = pendingRequests
        }
    }

    private typealias Names = SemanticMetrics.Database

    private let attributes: Attributes
    private let timeouts: Counter<Int>
    private let createTime: Histogram<Double>
    private let waitTime: Histogram<Double>
    private let useTime: Histogram<Double>
    private let registration: CallbackRegistration

    /// - Parameters:
    ///   - name: of the pool, unique in the program; by default made of the server's address and the namespace.
    ///   - maximum: how many connections there may be.
    ///   - maximumIdle: how many of them may be idle.
    ///   - minimumIdle: how many are kept idle at least.
    ///   - usage: how the pool stands, asked for in each collection.
    public init(
        _ meter: Meter, of endpoint: DatabaseEndpoint, name: String? = nil, maximum: Int? = nil, maximumIdle: Int? = nil,
        minimumIdle: Int? = nil, usage: @escaping @Sendable () -> Usage
    ) {
        let key = SemanticAttributes.Database.clientConnectionPoolName
        let pool: AttributeValue = .string(name ?? endpoint.poolName)
        let attributes = Attributes(unique: [(key, pool)])
        self.attributes = attributes
        timeouts = meter.counter(
            Names.clientConnectionTimeouts, unit: "{timeout}",
            description: "The number of connection timeouts that have occurred trying to obtain a connection from the pool.")
        // The conventions advise none here, and the default boundaries begin at five seconds.
        func histogram(_ name: String, _ description: String) -> Histogram<Double> {
            meter.histogram(name, unit: "s", description: description, boundaries: DatabaseClientMetrics.durationBoundaries)
        }
        createTime = histogram(Names.clientConnectionCreateTime, "The time it took to create a new connection.")
        waitTime = histogram(Names.clientConnectionWaitTime, "The time it took to obtain an open connection from the pool.")
        useTime = histogram(Names.clientConnectionUseTime, "The time between borrowing a connection and returning it to the pool.")

        func observed(_ name: String, _ unit: String, _ description: String) -> ObservableInstrument<Int> {
            meter.observableUpDownCounter(name, of: Int.self, unit: unit, description: description)
        }
        let count = observed(
            Names.clientConnectionCount, "{connection}",
            "The number of connections that are currently in state described by the state attribute.")
        let pending = observed(
            Names.clientConnectionPendingRequests, "{request}", "The number of current pending requests for an open connection.")
        let limits: [(ObservableInstrument<Int>, Int)] = [
            (Names.clientConnectionMax, maximum, "The maximum number of open connections allowed."),
            (Names.clientConnectionIdleMax, maximumIdle, "The maximum number of idle open connections allowed."),
            (Names.clientConnectionIdleMin, minimumIdle, "The minimum number of idle open connections allowed."),
        ].compactMap { name, limit, description in limit.map { (observed(name, "{connection}", description), $0) } }
        let state = SemanticAttributes.Database.clientConnectionState
        let idle = Attributes(unique: [(key, pool), (state, "idle")])
        let used = Attributes(unique: [(key, pool), (state, "used")])
        registration = meter.register(observing: [count.core, pending.core] + limits.map(\.0.core)) { batch in
            let observations = MetricObservations(batch: batch)
            let usage = usage()
            observations.observe(count, usage.idle, idle)
            observations.observe(count, usage.used, used)
            observations.observe(pending, usage.pendingRequests, attributes)
            for (instrument, limit) in limits { observations.observe(instrument, limit, attributes) }
        }
    }

    deinit { registration.unregister() }

    /// A connection was made.
    public func recordCreation(_ duration: Duration) { createTime.record(duration.inSeconds, attributes) }

    /// A connection was obtained.
    public func recordWait(_ duration: Duration) { waitTime.record(duration.inSeconds, attributes) }

    /// A connection was given back.
    public func recordUse(_ duration: Duration) { useTime.record(duration.inSeconds, attributes) }

    /// No connection was obtained in time.
    public func recordTimeout() { timeouts.add(1, attributes) }
}
