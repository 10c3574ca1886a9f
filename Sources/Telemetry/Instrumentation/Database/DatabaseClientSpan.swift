// The span of an operation that a client has a database do, and with it the operation's part in the metrics.

import Synchronization

/// The span of one operation, as its caller sees it: attempts that a driver makes again are within it.
public struct DatabaseClientSpan: Sendable {
    /// All that the span refers to, in one object, since the handle is copied several times.
    private final class Exchange: Sendable {
        let span: TraceSpan
        let context: Context
        let system: DatabaseSystem
        let series: DatabaseSeries?
        /// Nil where there is a series: copying it takes 250 instructions.
        let operation: DatabaseOperation?
        /// Both are nil if nothing is measured.
        let metrics: DatabaseClientMetrics?
        let clock: ExchangeClock?
        /// Relaxed: it decides which call ends the operation, and guards nothing else.
        let isFinished = Atomic(false)

        init(
            _ span: TraceSpan, _ context: Context, _ operation: DatabaseOperation, _ series: DatabaseSeries?,
            _ metrics: DatabaseClientMetrics?, _ clock: ExchangeClock?
        ) {
            self.span = span
            self.context = context
            self.series = series
            self.metrics = metrics
            self.clock = clock
            system = operation.endpoint.system
            self.operation = series == nil ? operation : nil
        }
    }

    private let exchange: Exchange

    /// The span itself, for attributes and events of your own.
    public var span: TraceSpan { exchange.span }
    /// The context of the caller with the span of the operation.
    public var context: Context { exchange.context }

    fileprivate init(
        _ span: TraceSpan, _ context: Context, _ operation: DatabaseOperation, _ series: DatabaseSeries?, _ metrics: DatabaseClientMetrics?,
        _ clock: ExchangeClock?
    ) {
        exchange = Exchange(span, context, operation, series, metrics, clock)
    }

    /// Ends the span and counts the operation in the metrics; only the first call counts. A status that the span has already stays.
    ///
    /// - Parameters:
    ///   - statusCode: what the database answered beyond success: the SQLSTATE of PostgreSQL, a vendor's error number.
    ///   - returnedRows: how many rows came back, for the metrics.
    ///   - error: what kept the operation from being done. Cancelling on purpose is no failure.
    public func finish(statusCode: String? = nil, returnedRows: Int? = nil, error: (any Error)? = nil) {
        let exchange = exchange
        let outcome = DatabaseOutcome(statusCode: statusCode, error: error, of: exchange.system)
        if !outcome.isSuccess { exchange.span.recordOutcome(outcome.attributes, outcome.status, error) }
        let end = exchange.clock?.now
        let recorded = exchange.span.finish(at: end)
        guard let metrics = exchange.metrics, let clock = exchange.clock, let end,
            !exchange.isFinished.exchange(true, ordering: .relaxed)
        else { return }
        metrics.record(
            exchange.operation, exchange.series, outcome, clock.seconds(until: recorded ?? end), returnedRows,
            exchange.context)
    }
}

extension Tracer {
    /// Starts the span of an operation before it is sent; end it with ``DatabaseClientSpan/finish(statusCode:returnedRows:error:)``.
    ///
    /// - Parameter metrics: where the operation counts, whether its span is kept or not; the duration measured is that of the span.
    public func startDatabaseClientSpan(
        _ operation: DatabaseOperation, parent: Context = .current, metrics: DatabaseClientMetrics? = nil, startTime: Timestamp? = nil
    ) -> DatabaseClientSpan {
        let series = operation.series(metrics?.instruments)
        let span = startSpan(
            series?.spanName ?? operation.spanName, kind: .client, parent: parent, startTime: startTime, operation.attributes
        ) { recorder in
            var isWritten = false
            if let series { recorder.record { isWritten = $0.add(series.spanAttributes, $1) } }
            let handle = TraceSpan(recorder)
            if !isWritten { operation.attributes.forEachEntry { handle.setAttribute($0, $1) } }
        }
        let context = parent.with(span: span)
        guard let metrics, metrics.instruments.areEnabled else { return DatabaseClientSpan(span, context, operation, series, nil, nil) }
        let start = span.recordedStart ?? clock.spanStart(below: parent.node, at: startTime)
        return DatabaseClientSpan(span, context, operation, series, metrics, ExchangeClock(start: start, clock: clock))
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
