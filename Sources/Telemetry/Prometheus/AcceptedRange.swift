// Parses the headers by which a reader says what it accepts.

/// One element of an `Accept` or `Accept-Encoding` header.
struct AcceptedRange: Equatable {
    /// The name, in lower case.
    let name: String
    /// The parameters without the weight; names and values are in lower case.
    let parameters: [String: String]
    /// The weight in thousandths.
    let weight: Int

    /// Whether the range has no wildcard.
    var isExact: Bool { !name.hasSuffix("*") }

    /// Further elements are ignored; no known client sends as many.
    private static let maximumRanges = 32
    private static let maximumParameters = 16
    private static let maximumBytes = 4096

    /// Returns the elements of a header, in order, without malformed ones.
    static func parse(_ header: String) -> [AcceptedRange] {
        let bytes = Array(header.utf8.prefix(maximumBytes))
        return split(bytes[...], at: UInt8(ascii: ","), into: maximumRanges).compactMap(AcceptedRange.init)
    }

    private init?(_ text: ArraySlice<UInt8>) {
        let parts = Self.split(text, at: UInt8(ascii: ";"), into: Self.maximumParameters)
        name = Self.word(parts.first ?? [])
        guard !name.isEmpty else { return nil }
        var parameters: [String: String] = [:]
        var weight = 1000
        for part in parts.dropFirst() {
            let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { continue }
            let (name, value) = (Self.word(sides[0]), Self.word(sides[1]))
            if name == "q" {
                guard let thousandths = Self.thousandths(value) else { return nil }
                weight = thousandths
            } else {
                parameters[name] = value
            }
        }
        self.parameters = parameters
        self.weight = weight
    }

    /// Splits at separators outside of quotes.
    private static func split(_ bytes: ArraySlice<UInt8>, at separator: UInt8, into maximum: Int) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        var isQuoted = false
        var isEscaped = false
        for place in bytes.indices {
            switch bytes[place] {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isQuoted: isEscaped = true
            case UInt8(ascii: "\""): isQuoted.toggle()
            case separator where !isQuoted:
                pieces.append(bytes[start..<place])
                start = place + 1
                if pieces.count == maximum { return pieces }
            default: break
            }
        }
        pieces.append(bytes[start...])
        return pieces
    }

    /// Returns the text in lower case, without surrounding blanks and quotes.
    private static func word(_ bytes: ArraySlice<UInt8>) -> String {
        var bytes = bytes
        while let first = bytes.first, HTTPGrammar.isBlank(first) { bytes.removeFirst() }
        while let last = bytes.last, HTTPGrammar.isBlank(last) { bytes.removeLast() }
        if bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") { bytes = bytes.dropFirst().dropLast() }
        return String(decoding: bytes, as: UTF8.self).lowercased()
    }

    /// Returns the value of `0`, `1`, `0.5`, `0.123` or `1.000`; nil for anything else. (RFC 9110 §12.4.2.)
    private static func thousandths(_ text: String) -> Int? {
        let digits = Array(text.utf8)
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1"), digits.count <= 5 else { return nil }
        var value = Int(first - UInt8(ascii: "0")) * 1000
        guard digits.count > 1 else { return value }
        guard digits[1] == UInt8(ascii: ".") else { return nil }
        var unit = 100
        for digit in digits[2...] {
            guard HTTPGrammar.isDigit(digit) else { return nil }
            value += Int(digit - UInt8(ascii: "0")) * unit
            unit /= 10
        }
        return value <= 1000 ? value : nil
    }
}
