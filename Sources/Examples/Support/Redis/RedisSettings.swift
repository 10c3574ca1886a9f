// The environment variables of a service's Redis.

import Telemetry

/// Where a Redis is, and how it is talked to.
package struct RedisSettings: Sendable {
    package var host: String
    package var port = 6379
    package var user: String?
    package var password: String?
    /// The number of the database.
    package var database = 0
    /// The time of a command, waiting for a connection included.
    package var timeout = Duration.seconds(2)
    /// How long commands wait for a server that is away, counted from the beginning of that. Later ones fail at once: what has another
    /// source shall not be slow for as long as Redis is away.
    package var outagePatience = Duration.seconds(1)
    /// The commands that may wait, those included that were sent and have no answer yet.
    package var maximumWaiting = 1024
    /// The bytes of a reply. An array that comes in pieces is read anew with each, so that more would take long.
    package var maximumReplyBytes = 1 << 20

    package init(host: String) {
        self.host = host
    }

    /// Reads `REDIS_URL`, as `redis://user:password@host:6379/0`, and `REDIS_TIMEOUT` in milliseconds; nil without the former.
    package init?(_ environment: ServiceEnvironment) throws(StartFailure) {
        guard let text = environment["REDIS_URL"] else { return nil }
        guard text.hasPrefix("redis://"), let url = HTTPURL("http://" + text.dropFirst("redis://".count)),
            let database = Int(url.target.dropFirst().isEmpty ? "0" : url.target.dropFirst()), database >= 0
        else {
            // The value is not repeated: it may hold a password.
            throw StartFailure(
                .configuration, "REDIS_URL must be \"redis://user:password@host:6379/0\", of which only the host is required.")
        }
        host = url.host
        // The URL's own default is that of HTTP.
        let authority = text.dropFirst("redis://".count).prefix { $0 != "/" }
        let hasPort = authority.drop { $0 != "@" }.dropFirst().contains(":") || (!authority.contains("@") && authority.contains(":"))
        if hasPort { port = url.port }
        self.database = database
        if let words = url.userInformation?.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false) {
            user = words.count > 1 && !words[0].isEmpty ? words[0].percentDecoded : nil
            password = (words.last ?? "").percentDecoded
        }
        timeout = .milliseconds(try environment.number("REDIS_TIMEOUT", default: 2000, in: 1...3_600_000))
    }
}
