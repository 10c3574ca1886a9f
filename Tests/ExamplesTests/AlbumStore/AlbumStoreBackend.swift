// The stores that tests run on.

import ExampleSupport
import Telemetry
import Testing

@testable import AlbumStore

/// Where the albums of a store under test are.
enum AlbumStoreBackend: Sendable, Hashable, CustomTestStringConvertible {
    case memory
    case database(DatabaseKind)

    /// The databases that can be had.
    static let databases = DatabaseKind.available.map { database($0) }
    static let all = [memory] + databases

    var testDescription: String {
        switch self {
        case .memory: "memory"
        case .database(let kind): kind.rawValue
        }
    }

    /// Runs a closure with the variables of an empty store, which is removed afterwards.
    func withVariables(_ body: ([String: String]) async throws -> Void) async throws {
        guard case .database(let kind) = self else { return try await body([:]) }
        try await TestDatabase.withURL(kind) { url in
            // Other tests may occupy the processors for long.
            try await body(["DATABASE_URL": url, "DATABASE_TIMEOUT": "60000", "DATABASE_START_TIMEOUT": "60000"])
        }
    }

    /// Runs a closure with the jobs of an empty database, without a worker.
    func withJobs(_ limits: JobLimits = JobLimits(), _ body: (DatabaseJobs) async throws -> Void) async throws {
        try await withVariables { variables in
            try await TestDatabase.opened(variables["DATABASE_URL"] ?? "", AlbumSchema.migrations) { test in
                let shelf = try await DatabaseShelf(test.database)
                try await body(DatabaseJobs(database: test.database, shelf: shelf, limits: limits))
            }
        }
    }

    /// Runs a closure while a store with an empty database listens.
    func running(_ variables: [String: String] = [:], _ body: (RunningTestService) async throws -> Void) async throws {
        try await withVariables { own in
            try await Self.running(own.merging(variables) { $1 }, body)
        }
    }

    /// Runs a closure while a store with these variables listens, and stops it.
    static func running(_ variables: [String: String], _ body: (RunningTestService) async throws -> Void) async throws {
        let memory = InMemorySpanExporter()
        let store = try await AlbumStoreApp(ServiceEnvironment(variables), try ServiceHarness.telemetry("album-store", memory))
        memory.reset()
        let result: Result<Void, any Error>
        do {
            try await ServiceHarness.listening({ await store.application.respond(to: $0) }) {
                try await body(RunningTestService(url: $0, memory: memory))
            }
            result = .success(())
        } catch { result = .failure(error) }
        _ = await store.stop(within: ServiceHarness.patience)
        try result.get()
    }
}
