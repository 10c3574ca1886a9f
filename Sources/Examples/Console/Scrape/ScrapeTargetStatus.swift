// What is known of a target that is scraped.

package import Telemetry

/// The state of one target.
package struct ScrapeTargetStatus: Sendable {
    package enum Health: String, Sendable { case unknown, up, down }

    package let url: String
    package let job: String
    package let instance: String
    package let interval: Duration
    package let timeout: Duration
    package var health = Health.unknown
    /// Why the last scrape failed; empty if it did not.
    package var lastError = ""
    /// Nil before the first scrape.
    package var lastScrape: Timestamp?
    package var lastDuration = Duration.zero
    package var lastSamples = 0
    package var failures = 0

    /// Writes the target as Prometheus' `/api/v1/targets` does.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("labels")
        writer.beginObject()
        writer.key("job")
        writer.value(text: job)
        writer.key("instance")
        writer.value(text: instance)
        writer.endObject()
        writer.key("scrapePool")
        writer.value(text: job)
        writer.key("scrapeUrl")
        writer.value(text: url)
        writer.key("lastError")
        writer.value(text: lastError)
        writer.key("lastScrape")
        writer.value(text: lastScrape.map { RFC3339.text($0) } ?? "0001-01-01T00:00:00Z")
        writer.key("lastScrapeDuration")
        writer.value(lastDuration / .seconds(1))
        writer.key("health")
        writer.value(text: health.rawValue)
        writer.key("scrapeInterval")
        writer.value(text: "\(interval)")
        writer.key("scrapeTimeout")
        writer.value(text: "\(timeout)")
        writer.key("samples")
        writer.value(lastSamples)
        writer.key("failures")
        writer.value(failures, isQuoted: true)
        writer.endObject()
    }
}
