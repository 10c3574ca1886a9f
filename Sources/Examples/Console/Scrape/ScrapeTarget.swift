// Which targets are scraped, and how.

package import ExampleSupport
package import Telemetry

/// A page of metrics that is read at an interval.
package struct ScrapeTarget: Sendable, Equatable {
    package let url: HTTPURL
    package var job: String
    package var interval: Duration
    package var timeout: Duration
    /// More labels for every sample.
    package var labels: [String: String] = [:]

    /// The value of `instance`; nil for host and port.
    var name: String?

    package var instance: String { name ?? "\(url.host):\(url.port)" }

    /// The most targets of one console.
    static let maximumCount = 256

    /// Returns the targets of `SCRAPE`, a list of URLs, and of `SCRAPE_FILE`, one a line with options after it.
    ///
    /// - Parameter readFile: returns the bytes of a file; nil if it cannot be read.
    package static func targets(
        _ environment: ServiceEnvironment, readFile: (String) -> [UInt8]?
    ) throws(StartFailure) -> [ScrapeTarget] {
        let interval = try environment.number("SCRAPE_INTERVAL", default: 15, in: 1...3_600)
        let timeout = try environment.number("SCRAPE_TIMEOUT", default: min(10, interval), in: 1...interval)
        let standard = (interval: Duration.seconds(interval), timeout: Duration.seconds(timeout))
        var targets: [ScrapeTarget] = []
        for word in (environment["SCRAPE"] ?? "").split(separator: ",") {
            targets.append(try target(String(word.trimming), [], standard, "SCRAPE"))
        }
        if let path = environment["SCRAPE_FILE"] {
            guard let bytes = readFile(path) else { throw StartFailure(.configuration, "SCRAPE_FILE is \"\(path)\"; it cannot be read.") }
            for (index, line) in String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
                .enumerated()
            {
                let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
                guard let url = words.first else { continue }
                targets.append(try target(url, Array(words.dropFirst()), standard, "Line \(index + 1) of \(path)"))
            }
        }
        guard targets.count <= maximumCount else {
            throw StartFailure(.configuration, "There are \(targets.count) targets to scrape; there must be at most \(maximumCount).")
        }
        return targets
    }

    private static func target(
        _ text: String, _ options: [String], _ standard: (interval: Duration, timeout: Duration), _ place: String
    ) throws(StartFailure) -> ScrapeTarget {
        let withScheme = text.contains("://") ? text : "http://" + text
        let hasPath = withScheme.dropFirst("http://".count).contains("/")
        guard let url = HTTPURL(hasPath ? withScheme : withScheme + "/metrics"), !url.isSecure, url.socketPath == nil else {
            throw StartFailure(.configuration, "\(place) has \"\(text)\"; it must be a URL such as http://localhost:9464/metrics.")
        }
        var target = ScrapeTarget(url: url, job: "scrape", interval: standard.interval, timeout: standard.timeout)
        for option in options {
            let sides = option.split(separator: "=", maxSplits: 1).map(String.init)
            switch (sides.first, sides.count) {
            case ("job", 2): target.job = sides[1]
            case ("interval", 2): target.interval = try seconds(sides[1], option, place)
            case ("timeout", 2): target.timeout = try seconds(sides[1], option, place)
            case (let name?, 2) where name.hasPrefix("label."):
                target.labels[PrometheusText.labelName(String(name.dropFirst("label.".count)))] = sides[1]
            default:
                throw StartFailure(
                    .configuration, "\(place) has \"\(option)\"; an option is job=name, interval=15s, timeout=10s or label.name=value.")
            }
        }
        guard target.timeout <= target.interval else {
            throw StartFailure(.configuration, "\(place) has a timeout that is longer than its interval.")
        }
        return target
    }

    private static func seconds(_ text: String, _ option: String, _ place: String) throws(StartFailure) -> Duration {
        let tokens = try? PromQLLexer.tokens(of: text)
        guard let tokens, tokens.count == 2, case .duration(let milliseconds) = tokens[0].kind, (100...3_600_000).contains(milliseconds)
        else {
            throw StartFailure(.configuration, "\(place) has \"\(option)\"; it must be a duration from 100ms to 1h, such as 15s.")
        }
        return .milliseconds(milliseconds)
    }

    /// The labels that every sample of the target gets.
    var sampleLabels: [LabelSet.Label] {
        labels.map { LabelSet.Label($0.key, $0.value) } + [.init("job", job), .init("instance", instance)]
    }
}

extension Substring {
    /// The text without white space at its ends.
    fileprivate var trimming: Substring {
        var rest = drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
