// Hashes passwords on threads of their own, each in a span.

import Glibc
package import Telemetry

/// Computes and checks hashes without holding up other requests; more of them than may wait are refused.
package struct PasswordWorker: Sendable {
    private let hashing: PasswordHashing
    private let pool: WorkPool
    private let tracer: Tracer

    /// Reads `HASHING_THREADS` and `HASHING_QUEUE`, the hashes that are computed at the same time and those that may wait.
    package init(
        _ environment: ServiceEnvironment, _ library: LibCrypto, _ tracer: Tracer, cost: UInt = PasswordHashing.usualCost
    ) throws(StartFailure) {
        // One processor is left to requests that hash nothing.
        let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let threads = try environment.number("HASHING_THREADS", default: min(8, max(1, processors - 1)), in: 1...256)
        let capacity = try environment.number("HASHING_QUEUE", default: 64, in: 1...100_000)
        hashing = try PasswordHashing(library, cost: cost)
        pool = try WorkPool(named: "hashing", threads: threads, capacity: capacity)
        self.tracer = tracer
    }

    package func hash(_ password: String) async throws(Refusal) -> String {
        try await run("hash password") { [hashing] in
            Result { () throws(PasswordHashing.Failure) in try hashing.hash(password) }
        }
    }

    /// Returns whether the hash is that of the password. Without a hash the check takes as long and returns false.
    package func matches(_ password: String, hash: String?) async throws(Refusal) -> Bool {
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
