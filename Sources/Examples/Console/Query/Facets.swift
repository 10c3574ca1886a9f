// Collects the keys and values of items, which complete a search as it is written.

/// Counts keys or values in the newest items.
struct Facets {
    /// Items that are looked at, newest first.
    private static let maximumItems = 50_000
    /// Values that are told apart, and those that are returned.
    private static let maximumDistinct = 10_000
    static let maximumReturned = 200
    private static let maximumTextBytes = 256

    private(set) var counts: [String: Int] = [:]
    private(set) var scanned = 0
    private(set) var isPartial = false

    /// The most frequent ones.
    var top: [(name: String, count: Int)] {
        counts.map { (name: $0.key, count: $0.value) }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
            .prefix(Self.maximumReturned).map { $0 }
    }

    /// Counts the values of a key, or the keys if there is none.
    init<Block: SearchableBlock>(_ blocks: [Block], key: String?, within duration: Duration) {
        var deadline = QueryDeadline(duration)
        blocks: for block in blocks.reversed() {
            for row in (0..<block.count).reversed() {
                guard scanned < Self.maximumItems, deadline.check(every: 256, row) else {
                    isPartial = true
                    break blocks
                }
                scanned += 1
                count(block, row, key)
            }
        }
    }

    private mutating func count<Block: SearchableBlock>(_ block: Block, _ row: Int, _ key: String?) {
        if let key {
            if let text = block.facet(key, row) { return add(text) }
            if SearchParser.fieldNames.contains(key) { return }
        }
        let scope = block.origins.scopes[Int(block.places.scope[row])]
        block.withMessage(row) { count(Block.layout.attributes, of: $0, key) }
        block.origins.resources[Int(scope.resource)].bytes.withUnsafeBytes { count(1, of: $0, key) }
    }

    private mutating func count(_ field: Int, of message: UnsafeRawBufferPointer, _ key: String?) {
        AttributeWalk.forEach(field, of: message) { found, value in
            guard let key else {
                add(Untrusted.text(found, limit: Self.maximumTextBytes))
                return true
            }
            guard found.elementsEqual(key.utf8) else { return true }
            switch AttributeWalk.value(value) {
            case .text(let text): add(Untrusted.text(text, limit: Self.maximumTextBytes))
            case .bool(let truth): add(truth ? "true" : "false")
            case .int(let number): add("\(number)")
            case .double(let number): add("\(number)")
            case .other: break
            }
            return true
        }
    }

    private mutating func add(_ name: String) {
        if counts[name] == nil, counts.count >= Self.maximumDistinct {
            isPartial = true
            return
        }
        counts[name, default: 0] += 1
    }
}

extension SearchableBlock {
    /// Returns the value of a field of the search language; nil for an attribute.
    fileprivate func facet(_ key: String, _ row: Int) -> String? {
        switch key {
        case "service": origins.serviceName(ofScope: places.scope[row])
        case "scope": origins.scopes[Int(places.scope[row])].name
        default: fieldText(key, row)
        }
    }
}
