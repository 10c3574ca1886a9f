// The metrics of a client's database operations.

/// The metrics of the operations that a client has a database do, after the stable semantic conventions for databases.
///
/// Made once, and given along with each operation that gets a span; sampled or not, every operation counts:
///
/// ```swift
/// let metrics = DatabaseClientMetrics(telemetry.meter("tweets"))
/// try await tracer.withDatabaseClientSpan(operation, metrics: metrics) { _ in try await connection.execute(operation) }
/// ```
///
/// `db.client.operation.duration` is always recorded. (Semantic conventions: database metrics.)
public struct DatabaseClientMetrics: Sendable {
    /// The advised boundaries, in seconds.
    static let durationBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]
    private static let rowBoundaries: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000]

    private let duration: Histogram<Double>
    private let returnedRows: Histogram<Int>?

    /// - Parameters:
    ///   - meter: the one of the library that talks to the database.
    ///   - recordsReturnedRows: whether `db.client.response.returned_rows` is recorded too, of operations that say how many came back.
    public init(_ meter: Meter, recordsReturnedRows: Bool = false) {
        duration = meter.histogram(
            SemanticMetrics.Database.clientOperationDuration, unit: "s", description: "Duration of database client operations.",
            boundaries: Self.durationBoundaries)
        returnedRows =
            recordsReturnedRows
            ? meter.histogram(
                SemanticMetrics.Database.clientResponseReturnedRows, of: Int.self, unit: "{row}",
                description: "The actual number of records returned by the database operation.", boundaries: Self.rowBoundaries)
            : nil
    }

    /// Records an operation that was done without a span of this library.
    ///
    /// - Parameters:
    ///   - duration: as the caller saw it; that of the span, where something else has made one.
    ///   - statusCode: what the database answered beyond success.
    ///   - context: where the operation belongs; by default the current context.
    public func record(
        _ operation: DatabaseOperation, duration: Duration, statusCode: String? = nil, returnedRows: Int? = nil, error: (any Error)? = nil,
        context: Context? = nil
    ) {
        let outcome = DatabaseOutcome(statusCode: statusCode, error: error, of: operation.endpoint.system)
        record(operation, outcome, duration.inSeconds, returnedRows, context)
    }

    /// Begins to measure an operation; nil when nothing is kept of it.
    func measurement(start: @autoclosure () -> SpanStart, clock: TelemetryClock) -> ExchangeMeasurement? {
        guard duration.isEnabled || returnedRows?.isEnabled == true else { return nil }
        return ExchangeMeasurement(start: start(), clock: clock)
    }

    /// Ends the measurement of an operation, and records what there is to record.
    func finish(
        _ measurement: ExchangeMeasurement, of operation: DatabaseOperation, _ outcome: DatabaseOutcome, returnedRows: Int?,
        at end: Timestamp, _ context: Context
    ) {
        guard let seconds = measurement.finish(at: end) else { return }
        record(operation, outcome, seconds, returnedRows, context)
    }

    private func record(
        _ operation: DatabaseOperation, _ outcome: DatabaseOutcome, _ seconds: Double, _ returnedRows: Int?, _ context: Context?
    ) {
        let attributes = Attributes(unique: operation.commonEntries + outcome.attributes.map { ($0.key, $0.value) })
        duration.record(seconds, attributes, context: context)
        guard let returnedRows, let rows = self.returnedRows else { return }
        var shared = attributes
        // The conventions have it on the duration alone.
        shared[SemanticAttributes.Database.storedProcedureName] = nil
        rows.record(returnedRows, shared, context: context)
    }
}
