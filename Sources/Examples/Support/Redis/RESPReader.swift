// The decoder of Redis's protocol.

/// Reads values from bytes that arrive in pieces; any bytes give values or an error, never a trap.
struct RESPReader {
    /// What the server sends that is not the protocol, or more than is taken.
    struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    /// Bytes of one value, with all that is in it.
    private let maximumBytes: Int
    private static let maximumDepth = 32
    /// A count that no reply reaches would else reserve memory before its elements come.
    private static let maximumElements = 1 << 20

    private var buffer: [UInt8] = []
    private var start = 0
    /// The bytes that the value at the beginning has at least, so that it is not tried again with each piece.
    private var needed = 1

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) { buffer.append(contentsOf: bytes) }

    /// Returns the next value; nil as long as it is not complete.
    mutating func next() throws(Violation) -> RESPValue? {
        guard buffer.count - start >= needed else { return nil }
        var place = start
        guard let value = try value(&place, depth: 0) else {
            guard buffer.count - start <= maximumBytes, needed <= maximumBytes else {
                throw Violation(description: "a reply of more than \(maximumBytes) bytes")
            }
            return nil
        }
        (start, needed) = (place, 1)
        // Read bytes are dropped seldom, so that many small replies do not move those behind them.
        if start == buffer.count || start > 1 << 16 {
            buffer.removeFirst(start)
            start = 0
        }
        return value
    }

    private mutating func value(_ place: inout Int, depth: Int) throws(Violation) -> RESPValue? {
        guard depth <= Self.maximumDepth else { throw Violation(description: "values deeper than \(Self.maximumDepth) levels") }
        guard let line = try line(&place) else { return nil }
        guard let type = line.first else { throw Violation(description: "an empty line") }
        let text = line.dropFirst()
        switch type {
        case UInt8(ascii: "+"): return .text(Self.string(text))
        case UInt8(ascii: "-"): return .error(Self.string(text))
        case UInt8(ascii: ":"): return .integer(try Self.integer(text))
        case UInt8(ascii: "("): return .bigNumber(Self.string(text))
        case UInt8(ascii: "_"): return .null
        case UInt8(ascii: "#"):
            guard text.elementsEqual([UInt8(ascii: "t")]) || text.elementsEqual([UInt8(ascii: "f")]) else { throw Self.unexpected(line) }
            return .boolean(text.first == UInt8(ascii: "t"))
        case UInt8(ascii: ","):
            guard let number = Double(Self.string(text)) else { throw Self.unexpected(line) }
            return .number(number)
        case UInt8(ascii: "$"), UInt8(ascii: "!"), UInt8(ascii: "="): return try blob(type, text, &place)
        case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: "%"), UInt8(ascii: ">"), UInt8(ascii: "|"):
            return try aggregate(type, text, &place, depth: depth)
        default: throw Self.unexpected(line)
        }
    }

    private mutating func blob(_ type: UInt8, _ text: ArraySlice<UInt8>, _ place: inout Int) throws(Violation) -> RESPValue? {
        let length = try Self.integer(text)
        // The null of RESP2.
        if length == -1 { return .null }
        guard length >= 0, length <= Int64(maximumBytes) else { throw Violation(description: "a text of \(length) bytes") }
        let end = place + Int(length)
        guard end + 2 <= buffer.count else {
            needed = end + 2 - start
            return nil
        }
        guard buffer[end] == 0x0D, buffer[end + 1] == 0x0A else { throw Violation(description: "a text without its end") }
        let bytes = Array(buffer[place..<end])
        place = end + 2
        switch type {
        case UInt8(ascii: "!"): return .error(Self.string(bytes[...]))
        // A verbatim text begins with its format and a colon.
        case UInt8(ascii: "="): return .text(Self.string(bytes.dropFirst(4)))
        default: return .bytes(bytes)
        }
    }

    private mutating func aggregate(
        _ type: UInt8, _ text: ArraySlice<UInt8>, _ place: inout Int, depth: Int
    ) throws(Violation) -> RESPValue? {
        let count = try Self.integer(text)
        if count == -1 { return .null }
        guard count >= 0, count <= Int64(Self.maximumElements) else { throw Violation(description: "\(count) elements") }
        let hasPairs = type == UInt8(ascii: "%") || type == UInt8(ascii: "|")
        var elements: [RESPValue] = []
        for _ in 0..<(hasPairs ? 2 : 1) * Int(count) {
            guard let element = try value(&place, depth: depth + 1) else { return nil }
            elements.append(element)
        }
        switch type {
        case UInt8(ascii: "~"): return .set(elements)
        case UInt8(ascii: "%"): return .map(elements)
        case UInt8(ascii: ">"): return .push(elements)
        // Attributes stand before the value that they belong to, and say nothing that this client needs.
        case UInt8(ascii: "|"): return try value(&place, depth: depth + 1)
        default: return .array(elements)
        }
    }

    /// Returns the bytes up to the end of a line, and moves behind it; nil if the end has not come yet.
    private mutating func line(_ place: inout Int) throws(Violation) -> ArraySlice<UInt8>? {
        guard let end = buffer[place...].firstIndex(of: 0x0D) else {
            needed = buffer.count - start + 1
            return nil
        }
        guard end + 1 < buffer.count else {
            needed = end + 2 - start
            return nil
        }
        guard buffer[end + 1] == 0x0A else { throw Violation(description: "a line without its end") }
        defer { place = end + 2 }
        return buffer[place..<end]
    }

    private static func integer(_ text: ArraySlice<UInt8>) throws(Violation) -> Int64 {
        guard let number = Int64(string(text)) else { throw unexpected(text) }
        return number
    }

    private static func string(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func unexpected(_ line: ArraySlice<UInt8>) -> Violation {
        Violation(description: "the line \"\(string(line.prefix(32)))\"")
    }
}
