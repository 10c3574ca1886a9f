// The environment variables of scraping.

package import ExampleSupport
import Glibc

extension Scraper {
    private static let maximumFileBytes = 1 << 20

    /// Begins to scrape the targets of `SCRAPE` and `SCRAPE_FILE`; nil without any.
    package static func start(
        _ environment: ServiceEnvironment, into store: MetricStore, archive: RunArchive? = nil
    ) throws(StartFailure) -> Scraper? {
        let targets = try ScrapeTarget.targets(environment, readFile: contents)
        return targets.isEmpty ? nil : start(targets, into: store, archive: archive)
    }

    /// Returns the bytes of a file, as many as a list of targets may have; nil if it cannot be read.
    private static func contents(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count <= maximumFileBytes {
            let chunk = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
                count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
            }
            if chunk.isEmpty { return bytes }
            bytes += chunk
        }
        return nil
    }
}
