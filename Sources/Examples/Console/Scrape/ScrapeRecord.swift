// One scrape, as the file of the console keeps it.

import ExampleSupport

/// The page of a target as it came, or that there was none, with what its samples get besides.
struct ScrapeRecord: Sendable, Equatable {
    /// The labels that every sample of the target gets.
    let labels: [LabelSet.Label]
    /// When the scrape began, in milliseconds since 1970.
    let time: Int64
    /// How long it took.
    let duration: Duration
    /// The content type of the page; nil if there was none that can be read.
    let type: String?
    /// The page, decompressed.
    let page: [UInt8]

    init(labels: [LabelSet.Label], time: Int64, duration: Duration, type: String?, page: [UInt8]) {
        (self.labels, self.time, self.duration) = (labels, time, duration)
        (self.type, self.page) = (type, page)
    }

    /// The record as a line of JSON, which the page follows.
    var bytes: [UInt8] {
        let head: JSONValue = [
            "labels": .array(labels.map { [.string($0.name), .string($0.value)] }), "time": .integer(time),
            "nanoseconds": .integer(Int64(duration / .nanoseconds(1))), "type": type.map { .string($0) } ?? .null,
        ]
        return Array(head.description.utf8) + [UInt8(ascii: "\n")] + page
    }

    /// Reads a record; returns nil if it is none.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")), let head = try? JSONValue(parsing: Array(bytes[..<end])),
            case .integer(let time)? = head["time"], case .integer(let nanoseconds)? = head["nanoseconds"],
            let labels = head["labels"]?.arrayValue
        else { return nil }
        self.init(
            labels: labels.compactMap { pair in
                guard let name = pair[0]?.stringValue, let value = pair[1]?.stringValue else { return nil }
                return LabelSet.Label(name, value)
            }, time: time, duration: .nanoseconds(nanoseconds), type: head["type"]?.stringValue, page: Array(bytes[(end + 1)...]))
    }
}

/// Takes the scrapes of earlier runs into a store, in the order in which they were made.
struct ScrapeRestoration {
    private var memories: [LabelSet: ScrapeMemory] = [:]

    /// Takes one scrape; one that cannot be read any more is left out.
    mutating func restore(_ bytes: [UInt8], to store: MetricStore) {
        guard let record = ScrapeRecord(bytes) else { return }
        let page = record.type.flatMap { try? ScrapedPage(record.page, type: $0, maximumSamples: ScrapeLoop.Limits().samples) }
        let figures = ScrapeFigures(isUp: page != nil, seconds: record.duration / .seconds(1), samples: page?.samples.count ?? 0)
        store.receive(page, of: record.labels, at: record.time, figures, &memories[LabelSet(record.labels), default: ScrapeMemory()])
    }
}
