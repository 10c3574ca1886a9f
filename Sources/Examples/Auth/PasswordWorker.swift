// Hashes passwords on threads of their own, each in a span.

import ExampleSupport
import Telemetry

/// Computes and checks hashes without holding up other requests; more of them than may wait are refused.
struct PasswordWorker: Sendable {
    let hashing: PasswordHashing
    let pool: WorkPool
    let tracer: Tracer

    func hash(_ password: String) async throws(Refusal) -> String {
        try await run("hash password") { [hashing] in
            Result { () throws(PasswordHashing.Failure) in try hashing.hash(password) }
        }
    }

    /// Returns whether the hash is that of the password. Without a hash the check takes as long and returns false.
    func matches(_ password: String, hash: String?) async throws(Refusal) -> Bool {
        try await run("check password") { [hashing] in
            Result { () throws(PasswordHashing.Failure) in try hashing.matches(password, hash: hash) }
        }
    }

    private func run<Value: Sendable>(
        _ name: String, _ work: @escaping @Sendable () -> Result<Value, PasswordHashing.Failure>
    ) async throws(Refusal) -> Value {
        try await tracer.withSpan(name) { _ async throws(Refusal) in
            let result: Result<Value, PasswordHashing.Failure>
            do throws(WorkPool.Full) { result = try await pool.run(work) } catch {
                throw Refusal(busy: "too many passwords wait to be hashed")
            }
            do throws(PasswordHashing.Failure) { return try result.get() } catch {
                throw Refusal("Internal server error", status: 500, key: "error", detail: "\(error)")
            }
        }
    }
}

extension Refusal {
    /// Creates the refusal of a request for which there is no room at present: 503, to be tried again.
    fileprivate init(busy reason: String) {
        self.init("service busy", status: 503, key: "error", detail: reason)
        headers["Retry-After"] = "1"
    }
}
