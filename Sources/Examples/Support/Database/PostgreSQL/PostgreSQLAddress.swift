// What may be known of a connection string: where the database is.

import Telemetry

/// A connection string, which libpq gets as it is, and what telemetry may show of it.
struct PostgreSQLAddress: Sendable {
    let url: String
    let endpoint: DatabaseEndpoint

    init(_ url: String, _ library: PostgreSQLLibrary) throws(StartFailure) {
        self.url = url
        // The message of libpq is left out: it repeats parts of the string, such as the password.
        guard let options = library.parseOptions(url, nil) else {
            throw StartFailure(.configuration, "DATABASE_URL is no connection string as \"postgres://user:password@host:5432/name\".")
        }
        defer { library.freeOptions(options) }
        let known = Self.values(options)
        // Of several hosts it is not known which one serves.
        let host = (known["host"] ?? known["hostaddr"]).flatMap { $0.contains(",") ? nil : $0 }
        endpoint = DatabaseEndpoint(
            .postgresql, namespace: known["dbname"], serverAddress: host,
            serverPort: host == nil ? nil : known["port"].flatMap { Int($0) } ?? 5432)
    }

    /// Returns what the string says; an option without a keyword is the last one.
    private static func values(_ options: UnsafeMutableRawPointer) -> [String: String] {
        typealias Option = PostgreSQLLibrary.Option
        var values: [String: String] = [:]
        var option = options
        while let keyword = text(option, Option.keywordOffset) {
            values[keyword] = text(option, Option.valueOffset)
            option += Option.size
        }
        return values
    }

    private static func text(_ option: UnsafeMutableRawPointer, _ offset: Int) -> String? {
        option.load(fromByteOffset: offset, as: UnsafePointer<CChar>?.self).map { String(cString: $0) }
    }
}
