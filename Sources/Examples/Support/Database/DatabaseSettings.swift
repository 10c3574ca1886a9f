// The environment variables of a service's database.

import Telemetry

/// What the environment says about the database.
struct DatabaseSettings {
    enum Location {
        case sqlite(path: String)
        case postgresql(url: String)
    }

    let location: Location
    let connections: Int
    /// The time of a statement or of a whole transaction.
    let timeout: Duration
    let startTimeout: Duration

    init(_ environment: ServiceEnvironment, defaultFile: String) throws(StartFailure) {
        location = try Self.location(environment["DATABASE_URL"], file: environment["DATABASE_FILE"] ?? defaultFile)
        connections = try environment.number("DATABASE_POOL", default: 8, in: 1...1000)
        timeout = .milliseconds(try environment.number("DATABASE_TIMEOUT", default: 2000, in: 1...3_600_000))
        startTimeout = .milliseconds(try environment.number("DATABASE_START_TIMEOUT", default: 10_000, in: 1...3_600_000))
    }

    private static func location(_ url: String?, file: String) throws(StartFailure) -> Location {
        guard let url else { return .sqlite(path: file) }
        if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") { return .postgresql(url: url) }
        let path = url.dropFirst("sqlite:".count)
        guard url.hasPrefix("sqlite:"), !path.isEmpty, path != ":memory:" else {
            // The value is not repeated: it may hold a password.
            throw StartFailure(
                .configuration, "DATABASE_URL must be \"postgres://user:password@host:5432/name\" or \"sqlite:\" and the path of a file.")
        }
        return .sqlite(path: String(path.hasPrefix("//") ? path.dropFirst(2) : path))
    }
}
