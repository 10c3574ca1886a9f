// The errors of the query protocol.

import ExampleSupport

/// An error as the service answers it.
struct QueryFault: Error, Sendable {
    let status: Int
    let code: String
    let message: String
    var retryAfter = false

    static func invalid(_ problem: String) -> QueryFault {
        QueryFault(status: 400, code: "InvalidParameter", message: "Invalid parameter: \(problem)")
    }

    static func invalidValue(_ problem: String) -> QueryFault {
        QueryFault(status: 400, code: "ParameterValueInvalid", message: problem)
    }

    static func notFound(_ subject: String) -> QueryFault {
        QueryFault(status: 404, code: "NotFound", message: "\(subject) does not exist")
    }

    static func forbidden(_ code: String, _ message: String) -> QueryFault { QueryFault(status: 403, code: code, message: message) }

    static func unavailable(_ message: String) -> QueryFault {
        QueryFault(status: 503, code: "ServiceUnavailable", message: message, retryAfter: true)
    }

    /// Performs something with the database; where that is not possible, clients shall come back.
    static func storing<Value: Sendable>(_ body: () async throws(DatabaseError) -> Value) async throws(QueryFault) -> Value {
        do throws(DatabaseError) { return try await body() } catch {
            throw .unavailable("The service cannot store or read anything now: \(error)")
        }
    }

    init(status: Int, code: String, message: String, retryAfter: Bool = false) {
        (self.status, self.code, self.message, self.retryAfter) = (status, code, message, retryAfter)
    }
}
