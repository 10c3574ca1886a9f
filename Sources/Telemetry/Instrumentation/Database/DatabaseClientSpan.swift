// The span of an operation that a client has a database do, and with it the operation's part in the metrics.

/// The span of one operation, as its caller sees it: attempts that a driver makes again are within it.
public struct DatabaseClientSpan: Sendable {
    /// The span itself, for attributes and events of your own.
    public let span: TraceSpan
    /// The context of the caller with the span of the operation.
    public let context: Context
    private let operation: DatabaseOperation
    private let measured: (metrics: DatabaseClientMetrics, measurement: ExchangeMeasurement)?

    fileprivate init(
        _ span: TraceSpan, _ context: Context, _ operation: DatabaseOperation,
        _ measured: (metrics: DatabaseClientMetrics, measurement: ExchangeMeasurement)?
    ) {
        self.span = span
        self.context = context
        self.operation = operation
        self.measured = measured
    }

    /// Ends the span and counts the operation in the metrics; only the first call counts. A status that the span has already stays.
    ///
    /// - Parameters:
    ///   - statusCode: what the database answered beyond success: the SQLSTATE of PostgreSQL, a vendor's error number.
    ///   - returnedRows: how many rows came back, for the metrics.
    ///   - error: what kept the operation from being done. Cancelling on purpose is no failure.
    public func finish(statusCode: String? = nil, returnedRows: Int? = nil, error: (any Error)? = nil) {
        let outcome = DatabaseOutcome(statusCode: statusCode, error: error, of: operation.endpoint.system)
        span.recordOutcome(outcome.attributes, outcome.status, error)
        let end = measured?.measurement.now
        span.end(at: end)
        if let measured, let end {
            measured.metrics.finish(
                measured.measurement, of: operation, outcome, returnedRows: returnedRows, at: span.recordedEnd ?? end, context)
        }
    }
}

extension Tracer {
    /// Starts the span of an operation before it is sent; end it with ``DatabaseClientSpan/finish(statusCode:returnedRows:error:)``.
    ///
    /// - Parameter metrics: where the operation counts, whether its span is kept or not; the duration measured is that of the span.
    public func startDatabaseClientSpan(
        _ operation: DatabaseOperation, parent: Context = .current, metrics: DatabaseClientMetrics? = nil, startTime: Timestamp? = nil
    ) -> DatabaseClientSpan {
        let span = startSpan(operation.spanName, kind: .client, parent: parent, operation.attributes, startTime: startTime)
        let measurement = metrics?.measurement(
            start: span.recordedStart ?? clock.spanStart(below: parent.node, at: startTime), clock: clock)
        let measured = metrics.flatMap { metrics in measurement.map { (metrics, $0) } }
        return DatabaseClientSpan(span, parent.with(span: span), operation, measured)
    }

    /// Does an operation inside its span: makes it current, records a thrown error, ends the span.
    ///
    /// ```swift
    /// let query = DatabaseOperation(sql: "SELECT * FROM tweets WHERE id = $1", isParameterized: true, at: tweets)
    /// let rows = try await tracer.withDatabaseClientSpan(query, metrics: metrics) { _ in
    ///     try await connection.query(query.queryText, [id])
    /// }
    /// ```
    ///
    /// - Parameter statusCode: the code of a thrown error, where the driver's errors have one.
    public nonisolated(nonsending) func withDatabaseClientSpan<Result, Failure: Error>(
        _ operation: DatabaseOperation, parent: Context = .current, metrics: DatabaseClientMetrics? = nil,
        statusCode: (Failure) -> String? = { _ in nil },
        _ body: nonisolated(nonsending) (DatabaseClientSpan) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let client = startDatabaseClientSpan(operation, parent: parent, metrics: metrics)
        do throws(Failure) {
            let result = try await client.context.run { () async throws(Failure) in try await body(client) }
            client.finish()
            return result
        } catch {
            client.finish(statusCode: statusCode(error), error: error)
            throw error
        }
    }
}
