// Runs queries apart from receiving.

import ExampleSupport
import Telemetry

/// Runs queries one after another on a thread of their own, so that they hold up neither the server nor each other's answers for long.
struct QueryRunner: Sendable {
    /// Queries that may wait; further ones are refused.
    static let capacity = 64

    /// How long a query looks; then it answers with what it has.
    let queryTime: Duration
    /// Nil if the system gave no thread.
    private let pool: WorkPool?

    init(queryTime: Duration) {
        self.queryTime = queryTime
        pool = try? WorkPool(named: "console-query", threads: 1, capacity: Self.capacity)
    }

    /// Answers a request with the JSON that the closure writes.
    ///
    /// - Parameter known: the parameters that the route has.
    func json(
        _ request: ServiceRequest, _ known: [String],
        _ write: @escaping @Sendable (QueryParameters) throws(APIError) -> [UInt8]
    ) async throws(Refusal) -> ServiceResponse {
        try await respond(request, known) { (parameters) throws(APIError) in
            Self.response(json: try write(parameters))
        }
    }

    /// Runs a query of another protocol; returns nil if too many wait.
    func run<Result: Sendable>(_ query: @escaping @Sendable () -> Result) async -> Result? {
        guard let pool else { return nil }
        do throws(WorkPool.Full) { return try await pool.run(query) } catch { return nil }
    }

    static func response(json: [UInt8]) -> ServiceResponse {
        ServiceResponse(status: 200, contentType: "application/json; charset=utf-8", body: json)
    }

    /// Answers a request with what the closure makes of its parameters.
    func respond(
        _ request: ServiceRequest, _ known: [String],
        _ make: @escaping @Sendable (QueryParameters) throws(APIError) -> ServiceResponse
    ) async throws(Refusal) -> ServiceResponse {
        guard let pool else { throw Refusal(.busy) }
        let result: Result<ServiceResponse, APIError>
        do throws(WorkPool.Full) {
            result = try await pool.run { () -> Result<ServiceResponse, APIError> in
                do throws(APIError) {
                    return .success(try make(try QueryParameters(request, known, now: .now)))
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw Refusal(.busy)
        }
        switch result {
        case .success(let response): return response
        case .failure(let error): throw Refusal(error)
        }
    }
}
