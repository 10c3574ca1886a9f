// The variables that name a PostgreSQL by its parts, as manifests of containers do.

import Telemetry

extension ServiceEnvironment {
    /// Returns the environment with a `DATABASE_URL` made of `DB_HOST`, `DB_PORT`, `DB_USER`, `DB_PASSWORD` and `DB_NAME`.
    ///
    /// They count where `DB_HOST` is set, and neither `DATABASE_URL` nor `DATABASE_FILE`.
    package func withDatabaseParts(defaultName: String) throws(StartFailure) -> ServiceEnvironment {
        guard let host = self["DB_HOST"], self["DATABASE_URL"] == nil, self["DATABASE_FILE"] == nil else { return self }
        let port = try number("DB_PORT", default: 5432, in: 1...65_535)
        let parts = [self["DB_USER"] ?? "postgres", self["DB_PASSWORD"] ?? "postgres", host, self["DB_NAME"] ?? defaultName]
        let encoded = parts.map { PercentEncoding.encode($0) }
        return setting("DATABASE_URL", to: "postgres://\(encoded[0]):\(encoded[1])@\(encoded[2]):\(port)/\(encoded[3])")
    }
}
