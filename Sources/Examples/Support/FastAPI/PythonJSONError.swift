// Where and why Python's JSON module refuses a text, which FastAPI's answers quote.

import Telemetry

/// The first error of a text that is no JSON, in the words of Python 3.12.
struct PythonJSONError: Error, Equatable {
    let message: String
    /// The Unicode scalars before the error.
    let offset: Int

    init(message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }

    /// Looks for the error of a text in UTF-8; nil if the text is JSON.
    init?(_ bytes: [UInt8]) {
        var scanner = Scanner(bytes)
        do throws(Scanner.Failure) {
            try scanner.scan()
            return nil
        } catch {
            self.init(message: error.message, offset: String(decoding: bytes[..<error.place], as: UTF8.self).unicodeScalars.count)
        }
    }
}

/// Steps through a text of any depth without recursion.
private struct Scanner {
    struct Failure: Error {
        let message: String
        let place: Int
    }

    private enum State {
        case value, elementOrEnd, key, keyOrEnd, afterKey, afterValue
    }

    private let bytes: [UInt8]
    private var place = 0
    private var state = State.value
    /// The brackets that are open: true for an object.
    private var open: [Bool] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    mutating func scan() throws(Failure) {
        while true {
            while let byte = next, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { place += 1 }
            switch state {
            case .value: try value()
            case .elementOrEnd: if !close("]") { state = .value }
            case .keyOrEnd: if !close("}") { try key() }
            case .key: try key()
            case .afterKey:
                guard take(":") else { throw failure("Expecting ':' delimiter") }
                state = .value
            case .afterValue:
                guard let isObject = open.last else {
                    if place < bytes.count { throw failure("Extra data") }
                    return
                }
                if take(",") {
                    state = isObject ? .key : .value
                } else if !close(isObject ? "}" : "]") {
                    throw failure("Expecting ',' delimiter")
                }
            }
        }
    }

    private mutating func value() throws(Failure) {
        state = .afterValue
        if take("{") {
            open.append(true)
            state = .keyOrEnd
        } else if take("[") {
            open.append(false)
            state = .elementOrEnd
        } else if next == UInt8(ascii: "\"") {
            try string()
        } else if !word("true"), !word("false"), !word("null"), !number() {
            throw failure("Expecting value")
        }
    }

    private mutating func key() throws(Failure) {
        guard next == UInt8(ascii: "\"") else { throw failure("Expecting property name enclosed in double quotes") }
        try string()
        state = .afterKey
    }

    private mutating func string() throws(Failure) {
        let start = place
        place += 1
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw failure("Invalid control character at") }
            place += 1
            guard byte == UInt8(ascii: "\\"), let escaped = next else { continue }
            if escaped == UInt8(ascii: "u") {
                let digits = bytes[(place + 1)...].prefix(4)
                guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
                    throw failure(#"Invalid \uXXXX escape"#)
                }
            } else if !#""\/bfnrt"#.utf8.contains(escaped) {
                throw Failure(message: #"Invalid \escape"#, place: place - 1)
            }
            place += 1
        }
        guard take("\"") else { throw Failure(message: "Unterminated string starting at", place: start) }
    }

    /// Reads what a number has at its beginning; the rest of a wrong one is left for the next step, as Python does.
    private mutating func number() -> Bool {
        var end = place
        if end < bytes.count, bytes[end] == UInt8(ascii: "-") { end += 1 }
        let whole = digits(from: end)
        guard whole > 0 else { return false }
        // A zero ends the whole part.
        end += bytes[end] == UInt8(ascii: "0") ? 1 : whole
        if end < bytes.count, bytes[end] == UInt8(ascii: "."), digits(from: end + 1) > 0 { end += 1 + digits(from: end + 1) }
        if end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") {
            let sign = end + 1 < bytes.count && "+-".utf8.contains(bytes[end + 1]) ? 1 : 0
            let count = digits(from: end + 1 + sign)
            if count > 0 { end += 1 + sign + count }
        }
        place = end
        return true
    }

    private func digits(from start: Int) -> Int {
        start < bytes.count ? bytes[start...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count : 0
    }

    private mutating func word(_ text: StaticString) -> Bool {
        guard bytes[place...].starts(with: "\(text)".utf8) else { return false }
        place += text.utf8CodeUnitCount
        return true
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func close(_ bracket: Unicode.Scalar) -> Bool {
        guard take(bracket) else { return false }
        open.removeLast()
        state = .afterValue
        return true
    }

    private func failure(_ message: String) -> Failure { Failure(message: message, place: place) }
}
