// Reads JSON into the tree of a configuration.

/// Makes a tree from the tokens of a JSON text, within bounds. Texts stay texts, as quoted scalars of YAML do.
struct ConfigurationJSON {
    private let text: [UInt8]
    private var scanner: JSONScanner
    private let scalars: ConfigurationScalar
    private var count = 0
    private var depth = 0
    /// The place that was asked for last; the next one is behind it.
    private var last = (offset: 0, place: ConfigurationPlace(line: 1, column: 1))

    private enum Stop: Error {
        case malformed(JSONError)
        case bound(String)
    }

    /// Returns the tree of a text; nil if it is none, which is told.
    static func node(of text: [UInt8], scalars: ConfigurationScalar) -> ConfigurationNode? {
        var reader = ConfigurationJSON(text: text, scanner: JSONScanner(text), scalars: scalars)
        do throws(Stop) {
            let node = try reader.value()
            do throws(JSONError) { try reader.scanner.end() } catch { throw .malformed(error) }
            return node
        } catch {
            reader.tell(error)
            return nil
        }
    }

    private init(text: [UInt8], scanner: JSONScanner, scalars: ConfigurationScalar) {
        self.text = text
        self.scanner = scanner
        self.scalars = scalars
    }

    private mutating func tell(_ stop: Stop) {
        switch stop {
        case .bound(let message): scalars.problems.fail(message, at: place(scanner.offset))
        case .malformed(.malformed(let reason, let offset, let byte)):
            scalars.problems.fail("it is not JSON: \(reason)\(byte == nil ? ", but the file ends" : "")", at: place(offset))
        case .malformed(let error): scalars.problems.fail("it is not JSON: \(error)", at: place(scanner.offset))
        }
    }

    /// Returns the place of an offset.
    private mutating func place(_ offset: Int) -> ConfigurationPlace {
        var (line, column) = (last.place.line, last.place.column)
        for byte in text[min(last.offset, offset)..<offset] {
            if byte == UInt8(ascii: "\n") {
                (line, column) = (line + 1, 1)
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        last = (offset, ConfigurationPlace(line: line, column: column))
        return last.place
    }

    private mutating func scan<Value>(_ body: (inout JSONScanner) throws(JSONError) -> Value) throws(Stop) -> Value {
        do throws(JSONError) { return try body(&scanner) } catch { throw .malformed(error) }
    }

    private mutating func value() throws(Stop) -> ConfigurationNode {
        count += 1
        guard count <= ConfigurationLimits.nodes else { throw .bound("the file has more than \(ConfigurationLimits.nodes) values") }
        let byte = scanner.nextByte()
        let place = place(scanner.offset)
        switch byte {
        case UInt8(ascii: "{"): return try nested { (reader) throws(Stop) in try reader.object(place) }
        case UInt8(ascii: "["): return try nested { (reader) throws(Stop) in try reader.array(place) }
        case UInt8(ascii: "\""):
            let content = try scan { (scanner) throws(JSONError) in try scanner.string() }
            return scalars.node(String(decoding: content, as: UTF8.self), isPlain: false, tag: nil, at: place)
        case UInt8(ascii: "t"): return try word("true", .boolean(true), place)
        case UInt8(ascii: "f"): return try word("false", .boolean(false), place)
        case UInt8(ascii: "n"): return try word("null", .null, place)
        default:
            let digits = try scan { (scanner) throws(JSONError) in try scanner.number().digits }
            return scalars.node(String(decoding: digits, as: UTF8.self), isPlain: true, tag: nil, at: place)
        }
    }

    private mutating func word(
        _ word: StaticString, _ content: ConfigurationNode.Content, _ place: ConfigurationPlace
    ) throws(Stop) -> ConfigurationNode {
        try scan { (scanner) throws(JSONError) in try scanner.word(word) }
        return ConfigurationNode(content: content, place: place, written: "\(word)")
    }

    private mutating func nested(_ body: (inout ConfigurationJSON) throws(Stop) -> ConfigurationNode) throws(Stop) -> ConfigurationNode {
        guard depth < ConfigurationLimits.depth else {
            throw .bound("values are nested in more than \(ConfigurationLimits.depth) levels")
        }
        depth += 1
        let node = try body(&self)
        depth -= 1
        return node
    }

    private mutating func object(_ start: ConfigurationPlace) throws(Stop) -> ConfigurationNode {
        var members = ConfigurationMembers(scalars.problems)
        var key: [UInt8] = []
        try scan { (scanner) throws(JSONError) in try scanner.begin(UInt8(ascii: "{"), "an object") }
        while try scan({ (scanner) throws(JSONError) in try scanner.nextKey(into: &key) }) {
            let keyPlace = place(scanner.keyOffset)
            members.append(String(decoding: key, as: UTF8.self), keyPlace, try value())
        }
        return members.node(at: start)
    }

    private mutating func array(_ start: ConfigurationPlace) throws(Stop) -> ConfigurationNode {
        var elements: [ConfigurationNode] = []
        try scan { (scanner) throws(JSONError) in try scanner.begin(UInt8(ascii: "["), "an array") }
        while try scan({ (scanner) throws(JSONError) in try scanner.nextElement() }) { elements.append(try value()) }
        return ConfigurationNode(
            content: .sequence(elements), place: start, count: elements.reduce(1) { $0 + $1.count },
            depth: 1 + (elements.map(\.depth).max() ?? 0))
    }
}
