// The spans and metrics of the statements of one database.

import Synchronization
import Telemetry

/// Records statements as client spans and in `db.client.operation.duration`.
final class DatabaseTelemetry: Sendable {
    /// Statements whose operations are remembered; the services have fewer.
    private static let maximumOperations = 1024

    private let endpoint: DatabaseEndpoint
    private let tracer: Tracer
    private let metrics: DatabaseClientMetrics
    private let operations = Mutex<[String: DatabaseOperation]>([:])

    init(_ telemetry: ServiceTelemetry, _ endpoint: DatabaseEndpoint) {
        self.endpoint = endpoint
        tracer = telemetry.tracer
        metrics = DatabaseClientMetrics(telemetry.meter)
    }

    /// Executes a statement within its span.
    nonisolated(nonsending) func traced<Result>(
        _ text: String, _ body: nonisolated(nonsending) () async throws(DatabaseError) -> Result
    ) async throws(DatabaseError) -> Result {
        let client = tracer.startDatabaseClientSpan(operation(text), metrics: metrics)
        do throws(DatabaseError) {
            let result = try await client.context.run { () async throws(DatabaseError) in try await body() }
            client.finish()
            return result
        } catch {
            // Cancelling on purpose is no failure.
            client.finish(statusCode: error.statusCode, error: error == .cancelled ? CancellationError() : error)
            throw error
        }
    }

    /// Returns what telemetry shows of a statement; its text is analysed only once.
    private func operation(_ text: String) -> DatabaseOperation {
        if let known = operations.withLock({ $0[text] }) { return known }
        var operation = DatabaseOperation(sql: text, isParameterized: true, at: endpoint)
        // A service declares single statements: two words are its operation and its table.
        let words = operation.querySummary?.split(separator: " ") ?? []
        if words.count <= 2 {
            operation.name = words.first.map { String($0) } ?? operation.queryText
            operation.collectionName = words.count == 2 ? String(words[1]) : nil
        }
        operations.withLock { operations in
            if operations.count >= Self.maximumOperations { operations = [:] }
            operations[text] = operation
        }
        return operation
    }
}
