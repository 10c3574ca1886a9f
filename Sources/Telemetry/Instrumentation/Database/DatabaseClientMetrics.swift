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

    let instruments: DatabaseInstruments
    private var duration: Histogram<Double> { instruments.duration }
    private var returnedRows: Histogram<Int>? { instruments.returnedRows }

    /// - Parameters:
    ///   - meter: the one of the library that talks to the database.
    ///   - recordsReturnedRows: whether `db.client.response.returned_rows` is recorded too, of operations that say how many came back; by
    ///     default only if a configuration asks for it.
    public init(_ meter: Meter, recordsReturnedRows: Bool? = nil) {
        let recordsReturnedRows = recordsReturnedRows ?? meter.setup.instrumentation.recordsReturnedRows
        let duration = meter.histogram(
            SemanticMetrics.Database.clientOperationDuration, unit: "s", description: "Duration of database client operations.",
            boundaries: Self.durationBoundaries)
        let returnedRows =
            recordsReturnedRows
            ? meter.histogram(
                SemanticMetrics.Database.clientResponseReturnedRows, of: Int.self, unit: "{row}",
                description: "The actual number of records returned by the database operation.", boundaries: Self.rowBoundaries)
            : nil
        instruments = DatabaseInstruments(duration: duration, returnedRows: returnedRows)
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
        record(operation, nil, outcome, duration.inSeconds, returnedRows, context)
    }

    /// Records an operation that has ended.
    ///
    /// - Parameters:
    ///   - operation: needed only without a series.
    ///   - series: what the operation shares with equal ones; nil if it was used but once.
    func record(
        _ operation: DatabaseOperation?, _ series: DatabaseSeries?, _ outcome: DatabaseOutcome, _ seconds: Double,
        _ returnedRows: Int?, _ context: Context?
    ) {
        let attributes: Attributes
        if let known = series?.outcome(outcome) {
            known.duration.record(seconds, context: context)
            attributes = known.attributes
        } else {
            attributes = Attributes(unique: operation?.commonEntries ?? []).merging(outcome.attributes)
            duration.record(seconds, attributes, context: context)
        }
        guard let returnedRows, let rows = self.returnedRows else { return }
        var shared = attributes
        // The conventions have it on the duration alone.
        shared[SemanticAttributes.Database.storedProcedureName] = nil
        rows.record(returnedRows, shared, context: context)
    }
}
